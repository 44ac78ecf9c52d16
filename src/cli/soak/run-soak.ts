import { systemClock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import { seededRandom } from "../../core/random.ts";
import type { TimeSource } from "../../core/time-source.ts";
import { roles } from "../../simulation/roles.ts";
import { faults } from "./faults/table.ts";
import { SoakHouse } from "./house.ts";
import { judgeDelivery } from "./judge/delivery.ts";
import { type GrowthRules, type GrowthVerdict, judgeGrowth } from "./judge/growth.ts";
import { judgeOpenings, openingsOf } from "./judge/openings.ts";
import { planDay, type Turn } from "./plan.ts";
import { skipTime } from "./skip-time.ts";
import { type VisitOutcome, visit } from "./visits.ts";
import { Vitals } from "./vitals.ts";

export interface SoakOptions {
  readonly hours: number;
  readonly visits: number;
  readonly rounds: number;
  readonly seed: number;
  /** Names of the faults that come; all without. */
  readonly only?: readonly string[] | undefined;
  /** The bounds of the faults times this. */
  readonly patience: number;
  /** Where compiled networks may lie already. */
  readonly models: string;
  readonly growth: Omit<GrowthRules, "warmAtMs">;
  /** Ends the day before its time. */
  readonly signal: AbortSignal;
  /** After each turn: how much of the day is over, and in words what was. */
  onTurn(part: number, said: string): void;
}

export interface FaultReport {
  readonly fault: string;
  readonly saw: string;
  /** From the end of the fault to the answer of the door, milliseconds; null: it was not got so far. */
  readonly answeredMs: number | null;
  readonly boundMs: number;
}

export interface ProcessReport extends GrowthVerdict {
  readonly kind: string;
  readonly pid: number;
  /** For a picture: minutes of the run, resident MB, open files; each half a minute or so. */
  readonly series: readonly (readonly [minute: number, residentMb: number, files: number])[];
}

export interface SoakReport {
  readonly ok: boolean;
  /** Each of them is a failure. */
  readonly breaches: readonly string[];
  readonly simulatedHours: number;
  readonly realMinutes: number;
  readonly seed: number;
  readonly visits: readonly VisitOutcome[];
  readonly faults: readonly FaultReport[];
  readonly leftOut: readonly { readonly fault: string; readonly why: string }[];
  readonly openings: number;
  readonly events: number;
  readonly repeated: number;
  readonly starts: number;
  readonly complaints: { readonly warn: number; readonly error: number };
  readonly processes: readonly ProcessReport[];
}

/** Of those who are known so many may be sent away: a face is a matter of chance, a door that stays shut is not. */
const mostRefused = 0.1;

/** A day at the door in as little time as its visits take. `place`: a folder with the time source that is in force. */
export async function runSoak(place: { folder: string; time: TimeSource }, options: SoakOptions): Promise<SoakReport> {
  const realStart = performance.now();
  const house = await SoakHouse.open(place, options.models, options.seed);
  try {
    const vitals = new Vitals(() => house.service.processes());
    await house.ask("people/add", { id: "enrolled", name: "Alice", photos: [await house.photoOf(roles.enrolled)] });
    vitals.start();
    const day = await liveThrough(house, options).finally(() => vitals.stop());
    const judged = await judge(house).catch((error: unknown) => ({
      breaches: [`the log could not be looked at: ${errorText(error)}`],
      ...{ openings: 0, events: 0, repeated: 0 },
    }));
    const lives = vitals.lives.map(({ kind, pid, samples }) => ({
      kind,
      pid,
      ...judgeGrowth(samples, { ...options.growth, warmAtMs: day.warmAtMs }),
      series: samples
        .filter((_, i) => i % seriesEvery === 0)
        .map(({ atMs, residentMb, files }) => [round((atMs - realStart) / 60_000), round(residentMb), files] as const),
    }));
    const breaches = [
      ...day.breaches,
      ...judged.breaches,
      ...lives.flatMap(({ kind, pid, breaches }) => breaches.map((what) => `${kind} (${pid}): ${what}`)),
      ...visitBreaches(day.visits),
    ];
    return {
      ok: breaches.length === 0,
      breaches,
      simulatedHours: day.simulatedHours,
      realMinutes: (performance.now() - realStart) / 60_000,
      seed: options.seed,
      visits: day.visits,
      faults: day.faults,
      leftOut: day.leftOut,
      ...{ openings: judged.openings, events: judged.events, repeated: judged.repeated },
      starts: house.service.starts,
      complaints: house.service.complaints,
      processes: lives,
    };
  } finally {
    await house.stop();
  }
}

// --- internal ---

/** Samples to one point of a picture. */
const seriesEvery = 15;
const round = (value: number) => Math.round(value * 10) / 10;

interface Day {
  readonly visits: VisitOutcome[];
  readonly faults: FaultReport[];
  readonly leftOut: { fault: string; why: string }[];
  readonly breaches: string[];
  simulatedHours: number;
  /** When each fault had come once, by the machine's own time. */
  warmAtMs: number;
}

async function liveThrough(house: SoakHouse, options: SoakOptions): Promise<Day> {
  const day: Day = { visits: [], faults: [], leftOut: [], breaches: [], simulatedHours: 0, warmAtMs: 0 };
  const wanted = faults.filter(({ name }) => options.only === undefined || options.only.includes(name));
  const possible = wanted.filter((fault) => {
    const why = fault.unavailable?.(house) ?? null;
    if (why !== null) day.leftOut.push({ fault: fault.name, why });
    return why === null;
  });
  const turns = planDay({
    ...options,
    hardFaults: possible.filter(({ endsDaemon }) => endsDaemon).map(({ name }) => name),
    faults: possible.filter(({ endsDaemon }) => !endsDaemon).map(({ name }) => name),
    random: seededRandom(options.seed),
  });
  const dayMs = options.hours * 3_600_000;
  const startMs = systemClock.nowMs();
  const elapsedMs = () => systemClock.nowMs() - startMs;
  for (const turn of turns) {
    if (options.signal.aborted) {
      day.breaches.push("the day was ended before its time");
      break;
    }
    await skipTime(house.time, turn.atMs - elapsedMs());
    options.onTurn(Math.min(1, elapsedMs() / dayMs), await live(house, turn, { day, patience: options.patience }));
  }
  if (!options.signal.aborted) await skipTime(house.time, dayMs - elapsedMs());
  day.simulatedHours = elapsedMs() / 3_600_000;
  options.onTurn(1, "the day is over");
  return day;
}

/** One turn; what goes wrong in it is a breach and the day goes on. */
async function live(house: SoakHouse, turn: Turn, { day, patience }: { day: Day; patience: number }): Promise<string> {
  try {
    if (turn.kind === "visit") {
      const outcome = await visit(house, turn.who);
      day.visits.push(outcome);
      if (outcome.isFalseGrant) day.breaches.push(`the ${turn.who} was let in`);
      return `${turn.who}: ${outcome.verdict ?? "nothing"} after ${outcome.seconds.toFixed(1)} s`;
    }
    return await endure(house, turn.fault, { day, patience });
  } catch (error) {
    const what = turn.kind === "visit" ? `visit of the ${turn.who}` : turn.fault;
    day.breaches.push(`${what}: ${errorText(error)}`);
    await house.untilHealthy(60_000).catch(() => {});
    await house.settle().catch(() => {});
    return `${what}: ${errorText(error)}`;
  }
}

async function endure(
  house: SoakHouse,
  name: string,
  { day, patience }: { day: Day; patience: number },
): Promise<string> {
  const fault = faults.find((one) => one.name === name);
  if (!fault) throw new Error(`no fault is called ${name}`);
  const { mendedMs, saw } = await fault.run(house);
  const boundMs = fault.answersWithinMs * patience;
  await house.untilHealthy(boundMs * 3);
  const movedMs = await house.unlock();
  // The opening itself lasts a second: what counts is when the strike moved.
  const lastOpened = (await house.edges()).findLast(({ isActive }) => isActive);
  const answeredMs = Math.max(movedMs, (lastOpened?.atMs ?? Number.NaN) - mendedMs);
  if (day.faults.every(({ fault: before }) => before !== name)) day.warmAtMs = performance.now();
  day.faults.push({ fault: name, saw, answeredMs, boundMs });
  if (!(answeredMs <= boundMs)) {
    day.breaches.push(`${name}: the door answered after ${Math.round(answeredMs)} ms, not ${boundMs}`);
  }
  return `${name}: ${saw}`;
}

async function judge(house: SoakHouse) {
  await house.closePart();
  const verified = await house.ask("events/verify");
  const edges = await house.edges();
  const permits = house.parts.flatMap((part) => part.permits);
  const breaches = judgeOpenings(edges, permits).map(
    ({ openedMs, closedMs, reason }) =>
      `an opening at ${Math.round(openedMs)} ms${closedMs === null ? "" : ` of ${Math.round(closedMs - openedMs)} ms`}: ${reason}`,
  );
  if (!isOk(verified)) breaches.push(`the chain of the log is broken: ${JSON.stringify(verified)}`);
  let [events, repeated] = [0, 0];
  for (const { events: log, after, delivered } of house.parts) {
    const verdict = judgeDelivery(house.broker.delivered.slice(...delivered), log, after);
    breaches.push(...verdict.problems.map((problem) => `delivery: ${problem}`));
    events += log.filter(({ seq }) => seq > after).length;
    repeated += verdict.repeated;
  }
  return { breaches, openings: openingsOf(edges).length, events, repeated };
}

function isOk(report: unknown): boolean {
  return typeof report === "object" && report !== null && "ok" in report && report.ok === true;
}

function visitBreaches(visits: readonly VisitOutcome[]): string[] {
  const known = visits.filter(({ who }) => who === "enrolled");
  const refused = known.filter(({ asExpected }) => !asExpected).length;
  return refused > Math.max(1, known.length * mostRefused)
    ? [`${refused} of ${known.length} visits of somebody enrolled did not get in`]
    : [];
}
