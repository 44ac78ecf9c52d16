import type { GestureSample } from "./gestures.ts";
import { type Neutral, quantile } from "./neutral.ts";

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
/** In the first moments of the step nobody has blinked because of it. */
const beginningMs = 600;
/** Eyes of a raised chin look narrower, down to this part of what they were; less open than this at rest is shut. */
const leastOpen = 0.85;

/** What was seen of two blinks. */
export interface BlinksSeen {
  /** When the eyes shut for the first time; null while they did not. */
  readonly begunMs: number | null;
  /** When they had opened again from the second closure; null while that was not seen. */
  readonly doneMs: number | null;
}

/** Looks for two closures (eye aspect ratio, Soukupová and Čech 2016), the first after a frame with open eyes from `restFromMs` on. */
export function seenOfTwoBlinks({
  samples,
  neutral,
  restFromMs,
}: {
  samples: readonly GestureSample[];
  neutral: Neutral;
  restFromMs: number;
}): BlinksSeen {
  const open = openEyes(samples, neutral);
  let wasOpen = false;
  let begunMs: number | null = null;
  let shutSinceMs: number | null = null;
  let blinks = 0;
  for (const sample of samples) {
    const [right, left] = [sample.right / open.right, sample.left / open.left];
    const share = (right + left) / 2;
    const isShut = share <= shutBelow && right <= eachShutBelow && left <= eachShutBelow;
    if (isShut && wasOpen) {
      shutSinceMs ??= sample.atMs;
      begunMs ??= sample.atMs;
    }
    if (!(share >= openAbove)) continue;
    if (sample.atMs >= restFromMs) wasOpen = true;
    if (shutSinceMs !== null && sample.atMs - shutSinceMs <= maxShutMs) blinks++;
    shutSinceMs = null;
    if (blinks === asked) return { begunMs, doneMs: sample.atMs };
  }
  return { begunMs, doneMs: null };
}

// --- internal ---

/** How open the eyes are as the step begins: never more than at rest, since then anything would look shut. */
function openEyes(samples: readonly GestureSample[], neutral: Neutral): Pick<Neutral, "right" | "left"> {
  const beginning = samples.filter(({ atMs }) => atMs <= (samples[0]?.atMs ?? 0) + beginningMs);
  const levelOf = (eye: "right" | "left") => {
    const level = quantile(
      beginning.map((sample) => sample[eye]),
      0.65,
    );
    return Math.max(leastOpen * neutral[eye], Math.min(neutral[eye], level));
  };
  return { right: levelOf("right"), left: levelOf("left") };
}
