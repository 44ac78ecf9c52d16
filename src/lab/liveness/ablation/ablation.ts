import { clopperPearson } from "../clopper-pearson.ts";
import type { Rate } from "../report.ts";
import type { Presented } from "./presented.ts";

/** What would change if a cue could deny. Rates have exact 95 % intervals. */
export interface CueAblation {
  readonly material: Presented["material"];
  readonly cue: string;
  /** Tracks of living people of whom it said `spoof`. At most 1 % is allowed. */
  readonly genuineFlagged: Rate;
  /** Presentations of attacks that the rule without it lets in, and with it. */
  readonly apcerWithout: Rate;
  readonly apcerWith: Rate;
  /** Attacks seen to be attacks, of those that the other cues leave without that verdict. */
  readonly newlySeen: Rate;
  /** The same for each kind of attack: how many it saw, of how many. */
  readonly seenByKind: Readonly<Record<string, readonly [number, number]>>;
}

/** Every cue by itself and all that were tried out together (`all experiments`). */
export function ablate(presented: readonly Presented[], tried: readonly string[]): CueAblation[] {
  const groups = tried.map((cue): [string, readonly string[]] => [cue, [cue]]);
  groups.push(["all experiments", tried]);
  return (["real", "simulated"] as const).flatMap((material) => {
    const those = presented.filter((one) => one.material === material);
    return those.length === 0 ? [] : groups.map(([cue, names]) => ablationOf(those, { material, cue, names }));
  });
}

// --- internal ---

type Track = Presented["tracks"][number];

function ablationOf(
  presented: readonly Presented[],
  { material, cue, names }: { material: Presented["material"]; cue: string; names: readonly string[] },
): CueAblation {
  const genuine = presented.filter(({ isGenuine }) => isGenuine).flatMap(({ tracks }) => tracks);
  const attacks = presented.filter(({ isGenuine }) => !isGenuine);
  const seen = (one: Presented) => one.tracks.some((track) => flaggedAt(track, names) !== null);
  const unseen = attacks.filter(({ tracks }) => tracks.every(({ spoofAtMs }) => spoofAtMs === null));
  const kinds = [...new Set(attacks.map(({ kind }) => kind))];
  return {
    ...{ material, cue },
    genuineFlagged: rateOf(genuine.filter((track) => flaggedAt(track, names) !== null).length, genuine.length),
    apcerWithout: rateOf(attacks.filter((one) => isLetIn(one, [])).length, attacks.length),
    apcerWith: rateOf(attacks.filter((one) => isLetIn(one, names)).length, attacks.length),
    newlySeen: rateOf(unseen.filter(seen).length, unseen.length),
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
    const deniedAtMs = Math.min(track.spoofAtMs ?? Infinity, flaggedAt(track, names) ?? Infinity);
    return track.liveAtMs !== null && track.liveAtMs < deniedAtMs;
  });
}

function rateOf(count: number, n: number): Rate {
  return { count, n, rate: n === 0 ? 0 : count / n, interval: clopperPearson(count, n) };
}
