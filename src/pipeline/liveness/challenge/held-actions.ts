import { maxGapMs } from "../evidence.ts";
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
const headActions: readonly HeldAction[] = ["turn-left", "turn-right", "look-up"];

/** The action has not begun, or is over. */
const restShare = 0.45;
/** One frame may be a misplaced landmark. */
const minFrames = 2;
/**
 * And kept up for so long. A head that has just come round has not yet shown its depth; 0.3 s later it has, or it takes a turn to the other
 * side as well.
 */
const minHeldMs: Readonly<Record<HeldAction, number>> = {
  "turn-left": 250,
  "turn-right": 250,
  "look-up": 0,
  "open-mouth": 0,
};
/** A mouth that is open as wide for as long is not talking: syllables last a quarter of a second (Greenberg 1999). */
const minUnaskedMouthMs = 400;

/** What a face showed in a step. */
export interface Shown {
  readonly samples: readonly GestureSample[];
  readonly neutral: Neutral;
  /** Only what was at rest at this time or later is begun anew. */
  readonly restFromMs: number;
}

/** The first thing that was not asked for, and when: another movement of the head, or a mouth that is kept open. */
export function wrongAnswer(asked: ChallengeAction, shown: Shown): { action: HeldAction; atMs: number } | null {
  const found = headActions
    .map((action) => ({ action, atMs: heldAtMs(action, shown, 0) }))
    .concat({ action: "open-mouth", atMs: heldAtMs("open-mouth", shown, minUnaskedMouthMs) })
    .flatMap(({ action, atMs }) => (action === asked || atMs === null ? [] : [{ action, atMs }]));
  return found.reduce<(typeof found)[number] | null>(
    (first, next) => (first && first.atMs <= next.atMs ? first : next),
    null,
  );
}

/**
 * When the action was done anew in these frames: first a frame at rest from `restFromMs` on, then enough frames of it in a row. Null when
 * it was not.
 */
export function heldAtMs(
  action: HeldAction,
  { samples, neutral, restFromMs }: Shown,
  forMs = minHeldMs[action],
): number | null {
  let wasAtRest = false;
  let frames = 0;
  let sinceMs = 0;
  for (const sample of samples) {
    const share = shareOf(action, { sample, neutral });
    if (share <= restShare && sample.atMs >= restFromMs) wasAtRest = true;
    frames = share >= 1 && wasAtRest ? frames + 1 : 0;
    if (frames === 1) sinceMs = sample.atMs;
    if (frames >= minFrames && sample.atMs - sinceMs >= forMs) return sample.atMs;
  }
  return null;
}

/**
 * Whether a picture that was compared shows the action, under way or done, or is so little older than the first one that does that no face
 * was exchanged between them: who turns far at once is not compared until the head comes back. A face that was compared longer before says
 * nothing of whose head it was that turned.
 */
export function isCompared(action: HeldAction, { samples, neutral, restFromMs }: Shown): boolean {
  const shows = (sample: GestureSample) =>
    sample.atMs >= restFromMs && shareOf(action, { sample, neutral }) > restShare;
  const sinceMs = samples.find(shows)?.atMs ?? Number.POSITIVE_INFINITY;
  return samples.some(
    (sample) => sample.isVerified && (shows(sample) || (sample.atMs <= sinceMs && sinceMs - sample.atMs < maxGapMs)),
  );
}

// --- internal ---

/** The shut mouth of a turned face looks open (up to 1.1 of what counts): it is taken to be shut until the head is back. */
function shareOf(action: HeldAction, { sample, neutral }: { sample: GestureSample; neutral: Neutral }): number {
  const isHidden = action === "open-mouth" && Math.abs(sample.yaw - neutral.yaw) > restShare * done.yaw;
  return isHidden ? 0 : heldActions[action](sample, neutral);
}
