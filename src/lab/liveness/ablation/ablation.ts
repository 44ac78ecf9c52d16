import { clopperPearson } from "../clopper-pearson.ts";
import type { Rate } from "../report.ts";
import type { Presented } from "./presented.ts";

/** What one cue changes by its denials. Rates have exact 95 % intervals. */
export interface CueAblation {
  readonly material: Presented["material"];
  readonly cue: string;
  /** Whether it denies at the door, or is only tried out. */
  readonly isGate: boolean;
  /** Tracks of living people of whom it said `spoof`: 1 % is allowed, 3 % of all gates together. */
  readonly genuineFlagged: Rate;
  /** Attacks that are let in by the gates without this cue, and with it. */
  readonly apcerWithout: Rate;
  readonly apcerWith: Rate;
  /** Attacks that it saw, of how many, for each kind. */
  readonly seenByKind: Readonly<Record<string, readonly [number, number]>>;
}

/** Every cue that ever may deny, by itself, and last all gates together. Real and simulated material never share a row. */
export function ablate(
  presented: readonly Presented[],
  { gates, tried }: { gates: readonly string[]; tried: readonly string[] },
): CueAblation[] {
  return (["real", "simulated"] as const).flatMap((material) => {
    const those = presented.filter((one) => one.material === material);
    if (those.length === 0) return [];
    const single = [...gates, ...tried].map((cue) =>
      ablationOf(those, {
        ...{ material, cue, isGate: gates.includes(cue), own: [cue] },
        others: gates.filter((gate) => gate !== cue),
      }),
    );
    const all = { material, cue: "all gates", isGate: true, own: gates, others: [] };
    return [...single, ablationOf(those, all)];
  });
}

/** Every cue that was noted on some track. */
export function cuesOf(presented: readonly Presented[]): string[] {
  return [
    ...new Set(presented.flatMap(({ tracks }) => tracks.flatMap(({ cues }) => cues.map(({ name }) => name)))),
  ].sort();
}

// --- internal ---

type Track = Presented["tracks"][number];

interface Question extends Pick<CueAblation, "material" | "cue" | "isGate"> {
  readonly own: readonly string[];
  readonly others: readonly string[];
}

function ablationOf(presented: readonly Presented[], { own, others, ...what }: Question): CueAblation {
  const genuine = presented.filter(({ isGenuine }) => isGenuine).flatMap(({ tracks }) => tracks);
  const attacks = presented.filter(({ isGenuine }) => !isGenuine);
  const seen = (one: Presented) => one.tracks.some((track) => flaggedAt(track, own) !== null);
  const kinds = [...new Set(attacks.map(({ kind }) => kind))];
  return {
    ...what,
    genuineFlagged: rateOf(genuine.filter((track) => flaggedAt(track, own) !== null).length, genuine.length),
    apcerWithout: rateOf(attacks.filter((one) => isLetIn(one, others)).length, attacks.length),
    apcerWith: rateOf(attacks.filter((one) => isLetIn(one, [...own, ...others])).length, attacks.length),
    seenByKind: Object.fromEntries(
      kinds.map((kind) => {
        const those = attacks.filter((one) => one.kind === kind);
        return [kind, [those.filter(seen).length, those.length] as const];
      }),
    ),
  };
}

/** When the first of the cues said `spoof` of a track. */
function flaggedAt(track: Track, names: readonly string[]): number | null {
  const times = track.cues.flatMap(({ name, spoofAtMs }) =>
    names.includes(name) && spoofAtMs !== null ? [spoofAtMs] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
}

/** Some track proved alive before it was denied. */
function isLetIn({ tracks }: Presented, names: readonly string[]): boolean {
  return tracks.some((track) => {
    const deniedAtMs = flaggedAt(track, names) ?? Number.POSITIVE_INFINITY;
    return track.liveAtMs !== null && track.liveAtMs < deniedAtMs;
  });
}

function rateOf(count: number, n: number): Rate {
  return { count, n, rate: n === 0 ? 0 : count / n, interval: clopperPearson(count, n) };
}
