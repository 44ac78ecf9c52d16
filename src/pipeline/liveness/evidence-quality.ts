import type { CueResult, QualityReason } from "../types.ts";
import { type Evidence, maxGapMs, type QualitySample } from "./evidence.ts";
import { minEyeDistancePx } from "./parallax.ts";

/** Pictures of one unbroken stretch: at 10 a second 0.8 seconds, at 3 a second 2.7 of the 4 that count. */
const minFrames = 8;
/** Mean light of the face, 0 to 255, whatever the door's own limits are: dimmed to 10, a face hardly compares with itself (`quality.ts`). */
const minBrightness = 20;

const name = "evidence";

/**
 * Was enough seen to judge at all? Enough pictures of one stretch, near enough, in light. Says `live` only in the sense of "may be judged", and is
 * required for a grant, which it never makes. Otherwise the sentence says what is missing.
 */
export function evidenceQualityCue(evidence: Evidence): CueResult {
  const missing = whatIsMissing(evidence);
  if (missing !== null) return { name, score: 0.5, verdict: "no-verdict", says: missing };
  return { name, score: 0.5, verdict: "live", says: `enough was seen to judge (${evidence.shapes.length} pictures)` };
}

// --- internal ---

/** One sentence; null when nothing is missing. */
function whatIsMissing({ shapes, quality = [] }: Evidence): string | null {
  if (shapes.length < minFrames) return whyTooFew(shapes.length, quality);
  const lastMs = shapes.at(-1)?.atMs ?? 0;
  const since = quality.filter(({ atMs }) => atMs > lastMs);
  if ((since.at(-1)?.atMs ?? lastMs) - lastMs > maxGapMs) return whyTooFew(0, since);
  const eyeDistancePx = median(shapes.map((shape) => shape.eyeDistancePx));
  if (!(eyeDistancePx >= minEyeDistancePx)) {
    return `the face is too small to judge: ${Math.round(eyeDistancePx)} pixels from eye to eye, ${minEyeDistancePx} are needed`;
  }
  const light = quality.map(({ brightness }) => brightness);
  if (light.length > 0 && !(median(light) >= minBrightness)) {
    return `the face is too dark to judge: ${Math.round(median(light))} of 255, ${minBrightness} are needed`;
  }
  return null;
}

/** What most of the pictures suffered from, or how slowly they came, or that there were no more. */
function whyTooFew(frames: number, quality: readonly QualitySample[]): string {
  const counted = `${frames} of ${minFrames} pictures that can be judged`;
  const spoilt = quality.flatMap(({ reasons }) => reasons.find((reason) => words[reason] !== null) ?? []);
  const worst = mostFrequent(spoilt);
  if (worst !== null && 2 * spoilt.length >= quality.length) return `${words[worst]}: ${counted}`;
  const steps = quality.slice(1).map(({ atMs }, i) => atMs - (quality[i]?.atMs ?? atMs));
  if (steps.length > 0 && median(steps) > maxGapMs) {
    const perSecond = (1000 / median(steps)).toFixed(1);
    return `too few pictures a second (${perSecond}, ${(1000 / maxGapMs).toFixed(1)} are needed): ${counted}`;
  }
  const isBroken = steps.some((ms) => ms > maxGapMs);
  return isBroken ? `the face was out of sight and is watched anew: ${counted}` : `too little was seen yet: ${counted}`;
}

/** Null: no fault, a turned head is what is asked for. */
const words: Readonly<Record<QualityReason, string | null>> = {
  "too-small": "the face is too small",
  "too-close": "the face fills the picture",
  "cut-off": "the face is not wholly in the picture",
  blurred: "the face is blurred",
  "too-dark": "the face is too dark",
  "too-bright": "the face is too bright",
  "turned-away": null,
  "not-a-face": "the face cannot be made out",
};

function mostFrequent(reasons: readonly QualityReason[]): QualityReason | null {
  const countOf = (reason: QualityReason) => reasons.filter((other) => other === reason).length;
  return reasons.reduce<QualityReason | null>(
    (best, reason) => (best === null || countOf(reason) > countOf(best) ? reason : best),
    null,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((p, q) => p - q)[values.length >> 1] ?? Number.NaN;
}
