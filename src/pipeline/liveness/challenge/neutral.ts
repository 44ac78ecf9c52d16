import type { GestureSample } from "./gestures.ts";

/** How this person holds the face when nothing is asked of it; every action is measured from here. */
export type Neutral = Pick<GestureSample, "yaw" | "drop" | "right" | "left" | "mouth">;

/**
 * Around the moment in which the first step was painted: nobody has begun to answer it yet, and who was still walking up, or coming back
 * from something else, has mostly arrived.
 */
const beforeMs = 400;
const afterMs = 350;
const maxYaw = 0.25;
/** Nobody's rest is further from frontal than this. */
const maxRestingYaw = 0.1;
const minSamples = 2;
/** Before anybody can have begun with the step. */
const facingBeforeMs = 250;
const facingAfterMs = 150;

/**
 * The face at rest around a time. A blink or a word on the way changes nothing: eyes are taken from the more open half, the mouth from the
 * more closed one. Null when too little of the face was seen, and before that time is over.
 */
export function neutralOf(samples: readonly GestureSample[], aroundMs: number): Neutral | null {
  const newestMs = samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  if (newestMs <= aroundMs + afterMs) return null;
  const resting = samples.filter(
    ({ atMs, yaw }) => atMs >= aroundMs - beforeMs && atMs <= aroundMs + afterMs && Math.abs(yaw) <= maxYaw,
  );
  if (resting.length < minSamples) return null;
  const at = (part: number, of: (sample: GestureSample) => number) => quantile(resting.map(of), part);
  return {
    yaw: clamped(at(0.5, ({ yaw }) => yaw)),
    drop: at(0.5, ({ drop }) => drop),
    right: at(0.65, ({ right }) => right),
    left: at(0.65, ({ left }) => left),
    mouth: at(0.2, ({ mouth }) => mouth),
  };
}

/**
 * Where a head that is at rest faces as a step is shown: somebody who was still walking up when the first one was has turned a little by
 * then. A turn that is still kept up is no rest, and changes nothing.
 */
export function facingAt(
  samples: readonly GestureSample[],
  { fromMs, neutral }: { readonly fromMs: number; readonly neutral: Pick<Neutral, "yaw"> },
): number {
  const about = samples.filter(({ atMs }) => atMs >= fromMs - facingBeforeMs && atMs <= fromMs + facingAfterMs);
  const yaw = quantile(
    about.map((sample) => sample.yaw),
    0.5,
  );
  return Math.abs(yaw - neutral.yaw) <= maxRestingYaw ? clamped(yaw) : neutral.yaw;
}

/** When `neutralOf` has seen all that it looks at. */
export function neutralKnownMs(aroundMs: number): number {
  return aroundMs + afterMs;
}

/** The value below which that part of the values lies; NaN without values. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((p, q) => p - q);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

// --- internal ---

function clamped(yaw: number): number {
  return Math.max(-maxRestingYaw, Math.min(maxRestingYaw, yaw));
}
