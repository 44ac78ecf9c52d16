import type { GestureSample } from "./gestures.ts";
import type { Neutral } from "./neutral.ts";

/**
 * Parts of the person's own open eye. The lids of real eyes come down to 0.45, those of rendered ones to between 0.5 and 0.8; a smile that
 * narrows them stays, and is no blink for that.
 */
const shutBelow = 0.8;
const eachShutBelow = 0.86;
const openAbove = 0.88;
/** Longer than this the eyes are kept shut. */
const maxShutMs = 1200;
const asked = 2;

/**
 * When the eyes had opened again from the second of two closures (eye aspect ratio, Soukupová and Čech 2016), the first of which began
 * after a frame with open eyes from `restFromMs` on. Null when that was not seen.
 */
export function blinkedTwiceAtMs({
  samples,
  neutral,
  restFromMs,
}: {
  samples: readonly GestureSample[];
  neutral: Neutral;
  restFromMs: number;
}): number | null {
  let wasOpen = false;
  let shutSinceMs: number | null = null;
  let blinks = 0;
  for (const sample of samples) {
    const [right, left] = [sample.right / neutral.right, sample.left / neutral.left];
    const share = (right + left) / 2;
    const isShut = share <= shutBelow && right <= eachShutBelow && left <= eachShutBelow;
    if (isShut && wasOpen) shutSinceMs ??= sample.atMs;
    if (!(share >= openAbove)) continue;
    if (sample.atMs >= restFromMs) wasOpen = true;
    if (shutSinceMs !== null && sample.atMs - shutSinceMs <= maxShutMs) blinks++;
    shutSinceMs = null;
    if (blinks === asked) return sample.atMs;
  }
  return null;
}
