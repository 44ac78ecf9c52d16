import type { ChallengeAction } from "./actions.ts";
import type { GestureSample } from "./gestures.ts";
import type { Neutral } from "./neutral.ts";

/** Actions that are kept up for a moment. Blinking twice is not one of them. */
export type HeldAction = Exclude<ChallengeAction, "blink-twice">;

/** How much of an action a frame shows: 0 at rest, 1 and more when it is done, negative for its contrary. */
type Measure = (sample: GestureSample, neutral: Neutral) => number;

/**
 * What counts as done. Measured on heads rendered from five people at 10 frames/s (turns of 27 to 36 degrees, chins raised by 18 to 26):
 * yaw moves by 0.23 to 0.39, the nose rises by 0.10 to 0.19, the mouth opens by 0.33 to 0.60; at rest they stay within 0.04, 0.03
 * and 0.05. A man who turns and looks up in a recording: 0.41, 0.43.
 */
const done = { yaw: 0.18, rise: 0.085, mouth: 0.2 };

export const heldActions: Readonly<Record<HeldAction, Measure>> = {
  // `yaw` > 0 is the person's left.
  "turn-left": ({ yaw }, neutral) => (yaw - neutral.yaw) / done.yaw,
  "turn-right": ({ yaw }, neutral) => (neutral.yaw - yaw) / done.yaw,
  // The nose comes up against the eyes. That of a picture does so only when it is tipped by more than 20 degrees.
  "look-up": ({ drop }, neutral) => (neutral.drop - drop) / done.rise,
  "open-mouth": ({ mouth }, neutral) => (mouth - neutral.mouth) / done.mouth,
};

/** Movements of the whole head: one that was not asked for is the wrong answer. */
export const headActions: readonly HeldAction[] = ["turn-left", "turn-right", "look-up"];

/** The action has not begun, or is over. */
const restShare = 0.45;
/** One frame may be a misplaced landmark. */
const minFrames = 2;

/**
 * When the action was done anew in these frames: first a frame at rest from `restFromMs` on, then enough frames of it in a row. Null when
 * it was not.
 */
export function heldAtMs(
  action: HeldAction,
  { samples, neutral, restFromMs }: { samples: readonly GestureSample[]; neutral: Neutral; restFromMs: number },
): number | null {
  let wasAtRest = false;
  let frames = 0;
  for (const sample of samples) {
    const share = heldActions[action](sample, neutral);
    if (share <= restShare && sample.atMs >= restFromMs) wasAtRest = true;
    frames = share >= 1 && wasAtRest ? frames + 1 : 0;
    if (frames >= minFrames) return sample.atMs;
  }
  return null;
}
