import type { ChallengeAction } from "../../src/pipeline/liveness/challenge/actions.ts";
import { type GestureSample, type Gestures, noGestures } from "../../src/pipeline/liveness/challenge/gestures.ts";
import { maxGapMs } from "../../src/pipeline/liveness/evidence.ts";

/** A face at rest, as measured from five people. */
export const atRest: Omit<GestureSample, "atMs"> = {
  ...{ yaw: 0.02, drop: 0.46, right: 0.33, left: 0.32, mouth: 0.08, isVerified: true },
};

export type Shown = Partial<Omit<GestureSample, "atMs">>;

/** What a face that does something looks like. */
export const doing: Readonly<Record<Exclude<ChallengeAction, "blink-twice"> | "shut", Shown>> = {
  "turn-left": { yaw: 0.3, drop: 0.51 },
  "turn-right": { yaw: -0.28, drop: 0.5 },
  "look-up": { drop: 0.34 },
  "open-mouth": { mouth: 0.5 },
  shut: { right: 0.2, left: 0.19 },
};

/** From, until, and what the face shows meanwhile; at rest otherwise. Milliseconds. */
export type Episode = readonly [fromMs: number, untilMs: number, shown: Shown];

export interface Take {
  readonly fps?: number;
  readonly fromMs?: number;
  readonly untilMs: number;
  readonly episodes?: readonly Episode[];
  /** The face is not seen meanwhile. */
  readonly unseen?: readonly (readonly [fromMs: number, untilMs: number])[];
}

/** What a camera would have seen of a face by then. */
export function gesturesOf({ fps = 10, fromMs = -1000, untilMs, episodes = [], unseen = [] }: Take): Gestures {
  let gestures = noGestures;
  for (let n = 0; fromMs + (n * 1000) / fps <= untilMs; n++) {
    const atMs = fromMs + (n * 1000) / fps;
    if (unseen.some(([from, until]) => atMs >= from && atMs < until)) continue;
    const shown = episodes.filter(([from, until]) => atMs >= from && atMs < until).map(([, , what]) => what);
    gestures = withSample(gestures, Object.assign({ ...atRest, atMs }, ...shown));
  }
  return gestures;
}

function withSample({ samples, unbrokenSinceMs }: Gestures, sample: GestureSample): Gestures {
  const lastMs = samples.at(-1)?.atMs;
  if (lastMs === undefined || sample.atMs - lastMs > maxGapMs) {
    return { samples: [sample], unbrokenSinceMs: sample.atMs };
  }
  return { samples: [...samples, sample], unbrokenSinceMs };
}
