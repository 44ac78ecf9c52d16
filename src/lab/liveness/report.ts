import type { Interval } from "../evaluate/intervals.ts";
import { clopperPearson } from "./clopper-pearson.ts";
import type { Response } from "./door-rehearsal.ts";
import type { RehearsedLevel } from "./rehearse.ts";

/** One judged visit or recording. */
export interface Trial {
  /** Species of an attack, or kind of a living person. */
  readonly kind: string;
  readonly isGenuine: boolean;
  /** What repeats it: a seed, or the name of a recording. */
  readonly source: string;
  readonly response: Response;
  readonly afterMs: number | null;
  readonly says: readonly string[];
  /** Cues that said `spoof` in the frame that decided. Trials of older files do not have it. */
  readonly deniedBy?: readonly string[] | undefined;
}

/** A proportion with its 95 % interval (Clopper-Pearson). */
export interface Rate {
  readonly count: number;
  readonly n: number;
  readonly rate: number;
  readonly interval: Interval;
}

/** Terms of ISO/IEC 30107-3: APCER is the share of attack presentations that were classified as bona fide. */
export interface AttackRow {
  readonly species: string;
  readonly apcer: Rate;
  /** Seen to be an attack; the others got no verdict, which opens nothing either. */
  readonly spoof: number;
  readonly none: number;
}

/** BPCER: share of living people who were classified as attacks; those who got no verdict are non-responses. */
export interface GenuineRow {
  readonly kind: string;
  readonly live: number;
  readonly bpcer: Rate;
  readonly nonResponse: Rate;
  /** Judged live within this time of wanting in. */
  readonly inTime: Rate;
  /** From wanting in to the verdict `live`; null when nobody got it. */
  readonly liveAfterMs: { readonly p50: number; readonly p95: number } | null;
}

/** How many living people a cue denied; a person whom two denied counts for both. */
export interface DenialRow {
  readonly cue: string;
  readonly denied: Rate;
}

export interface MaterialReport {
  readonly attacks: readonly AttackRow[];
  readonly genuine: readonly GenuineRow[];
  /** A row for each cue that may deny and was asked, and one for all together. Empty without people. */
  readonly denials: readonly DenialRow[];
  /** The species with the highest APCER; of equals that with the highest bound. Null without attacks. */
  readonly worst: AttackRow | null;
  /** Attacks that would have opened the door, to be looked at again. */
  readonly judgedLive: readonly Pick<Trial, "kind" | "source" | "says">[];
}

export interface LivenessReport {
  /** Of the simulated visits. Recordings answer no challenge: they are judged at `passive`. */
  readonly level: RehearsedLevel;
  /** Null when not asked for. Simulated and real material never share a row. */
  readonly simulated: (MaterialReport & { readonly seeds: number; readonly networkCue: false }) | null;
  readonly real: (MaterialReport & { readonly networkCue: boolean }) | null;
}

/** What a person is willing to wait. */
export const inTimeMs = 6000;

/** Rows in the order in which their kinds first occur. */
export function reportOf(trials: readonly Trial[]): MaterialReport {
  const attacks = groups(trials.filter(({ isGenuine }) => !isGenuine)).map(attackRow);
  const genuine = groups(trials.filter(({ isGenuine }) => isGenuine)).map(genuineRow);
  return {
    attacks,
    genuine,
    denials: denialRows(trials.filter(({ isGenuine }) => isGenuine)),
    worst: attacks.reduce<AttackRow | null>(
      (worst, row) => (worst === null || isWorse(row, worst) ? row : worst),
      null,
    ),
    judgedLive: trials
      .filter(({ isGenuine, response }) => !isGenuine && response === "live")
      .map(({ kind, source, says }) => ({ kind, source, says })),
  };
}

// --- internal ---

function groups(trials: readonly Trial[]): [string, Trial[]][] {
  const found = new Map<string, Trial[]>();
  for (const trial of trials) found.set(trial.kind, [...(found.get(trial.kind) ?? []), trial]);
  return [...found];
}

function attackRow([species, trials]: [string, Trial[]]): AttackRow {
  const number = (response: Response) => trials.filter((trial) => trial.response === response).length;
  return { species, apcer: rateOf(number("live"), trials.length), spoof: number("spoof"), none: number("none") };
}

function genuineRow([kind, trials]: [string, Trial[]]): GenuineRow {
  const number = (response: Response) => trials.filter((trial) => trial.response === response).length;
  const times = trials.flatMap(({ response, afterMs }) => (response === "live" && afterMs !== null ? [afterMs] : []));
  times.sort((a, b) => a - b);
  return {
    ...{ kind, live: number("live") },
    bpcer: rateOf(number("spoof"), trials.length),
    nonResponse: rateOf(number("none"), trials.length),
    inTime: rateOf(times.filter((ms) => ms <= inTimeMs).length, trials.length),
    liveAfterMs: times.length === 0 ? null : { p50: nearestRank(times, 0.5), p95: nearestRank(times, 0.95) },
  };
}

/** Cues that say `live` or nothing at all. */
export const neverDeny: readonly string[] = ["evidence", "same-face", "blink"];
const allTogether = "all together";
/** A denial of a file that did not keep which cue it was. */
const notNoted = "not noted";

function denialRows(people: readonly Trial[]): DenialRow[] {
  if (people.length === 0) return [];
  const deniedBy = (trial: Trial) => trial.deniedBy ?? (trial.response === "spoof" ? [notNoted] : []);
  const asked = people.flatMap(({ says }) => says.map((sentence) => sentence.split(":", 1)[0] ?? ""));
  const cues = new Set([...asked, ...people.flatMap(deniedBy)].filter((cue) => !neverDeny.includes(cue)));
  const rows = [...cues].map((cue) => ({
    cue,
    denied: rateOf(people.filter((trial) => deniedBy(trial).includes(cue)).length, people.length),
  }));
  const denied = people.filter(({ response }) => response === "spoof").length;
  return [...rows, { cue: allTogether, denied: rateOf(denied, people.length) }];
}

export function rateOf(count: number, n: number): Rate {
  return { count, n, rate: count / n, interval: clopperPearson(count, n) };
}

/** Of values in ascending order. */
function nearestRank(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

function isWorse(a: AttackRow, b: AttackRow): boolean {
  return a.apcer.rate > b.apcer.rate || (a.apcer.rate === b.apcer.rate && a.apcer.interval[1] > b.apcer.interval[1]);
}
