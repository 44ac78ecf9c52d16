import type { CueResult } from "../types.ts";
import type { Evidence, EyeSample, ShapeSample } from "./evidence.ts";
import { homographyResidual, rmsDistance } from "./homography.ts";

/** Frames compared lie this far apart: nearer nothing has moved, farther the expression has changed. */
const minApartMs = 300;
const maxApartMs = 2500;
/** Below this eye distance the landmarks' own noise is as large as what is looked for. */
export const minEyeDistancePx = 30;
/**
 * Depth must exceed what changes from one frame to the next (lower quartile over the track: the moments of least motion) by
 * this factor, or it is nothing but trembling landmarks. Measured: one live man 25 to 107, people re-rendered in 3-D 14 to 30, a flat sheet
 * under synthetic noise of 3 pixels 1.1 to 1.2.
 */
const minOverNoise = 2.5;

/**
 * A turn: the nose moved against the eyes by this much (eye distances). Measured: a live man turned by 0.3 to 0.45 to each side; a replayed
 * video of a man who talks and nods reached 0.2; flat stills stay below 0.1 save for single frames with misplaced
 * landmarks, which is why many frames must agree.
 */
const minTurn = 0.25;
/**
 * What no plane explains, in eye distances, as the median over the wider half of the turns. Measured: a live man up to 0.21, 13 people
 * re-rendered in 3-D 0.120 to 0.171, prints rolled to most of a half-cylinder and swung by 30 degrees up to 0.115. The gap between the
 * last two is thin and was chosen on these very pictures: a rolled print is the attack to watch.
 */
const minDepth = 0.12;
/** Depth a turn must show for its size. Measured: live and re-rendered people 0.265 to 0.47, rolled prints 0.22 to 0.35. */
const minDepthPerTurn = 0.26;
/** Motion of the points after shift, size and roll are taken out, from which on a flat thing gives itself away. */
const minMotion = 0.08;
/** Part of that motion that no plane explains. Measured medians: people 0.28 to 0.82; flat sheets that moved
 * enough 0.11 to 0.24 (one with misplaced landmarks 0.42), so that not every sheet is caught: the others get no verdict. */
const maxFlatShare = 0.2;

const maxFrontalYaw = 0.2;
const maxYaw = 0.65;
const minTurnPairs = 8;
const minMotionPairs = 12;
/** Agreement of this many different frames at either end, so that one bad fit of the landmarks decides nothing. */
const minFrames = 3;
/** A turn passes through its middle; an exchange of pictures jumps over it. */
const minMiddleFrames = 2;
/** Pairs that are worked out; more of them say the same. */
const maxPairs = 40;

interface Pair {
  readonly from: ShapeSample;
  readonly to: ShapeSample;
}

/**
 * Depth from motion: the landmarks of one frame are mapped on those of another by the best homography. What is flat (a print,
 * a screen) has no residual however it is moved; a head that turns has. The idea is that of the projective invariants of
 * De Marsico et al. (2012), in a dense form; all figures are in eye distances. Without motion nothing can be said.
 */
export function parallaxCue(evidence: Evidence): CueResult {
  const shapes = evidence.shapes.filter((shape) => shape.eyeDistancePx >= minEyeDistancePx);
  const pairs = pairsOf(shapes);
  const turn = judgeTurn(pairs, shapes, evidence.eyes);
  const flat = judgeFlatness(pairs);
  if (flat !== null) return flat;
  return turn ?? { name, score: 0.5, verdict: "no-verdict", says: "the head has not turned enough to show its depth" };
}

const name = "parallax";

// --- internal ---

function pairsOf(shapes: readonly ShapeSample[]): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i < shapes.length; i++) {
    for (let j = i + 1; j < shapes.length; j++) {
      const apartMs = shapes[j]!.atMs - shapes[i]!.atMs;
      if (apartMs >= minApartMs && apartMs <= maxApartMs) pairs.push({ from: shapes[i]!, to: shapes[j]! });
    }
  }
  return pairs;
}

/** Live, or an enough large turn that shows too little depth to say so; null without a turn. */
function judgeTurn(
  pairs: readonly Pair[],
  shapes: readonly ShapeSample[],
  frames: readonly EyeSample[],
): CueResult | null {
  const turned = pairs.filter((pair) => isTurn(pair) && passesThroughMiddle(pair, frames));
  if (turned.length < minTurnPairs || !comesFromManyFrames(turned)) return null;
  const sample = thin(widest(turned));
  const residuals = sample.map((pair) => homographyResidual(pair.from.points, pair.to.points));
  const depth = median(residuals);
  const perTurn = median(residuals.map((residual, i) => residual / turnOf(sample[i]!)));
  const isClear = depth >= minOverNoise * noiseOf(shapes);
  if (depth >= minDepth && perTurn >= minDepthPerTurn && isClear) {
    const says = `a turn of the head showed depth (residual ${depth.toFixed(3)} of the eye distance)`;
    return { name, score: Math.min(1, 0.5 + (0.4 * depth) / minDepth), verdict: "live", says };
  }
  const says = `a turn showed too little depth to tell (residual ${depth.toFixed(3)} of the eye distance)`;
  return { name, score: Math.min(0.5, (0.5 * depth) / minDepth), verdict: "no-verdict", says };
}

/** Spoof when large motion is explained by a plane; null otherwise. */
function judgeFlatness(pairs: readonly Pair[]): CueResult | null {
  const moved = pairs
    .map((pair) => ({ ...pair, motion: rmsDistance(pair.from.points, pair.to.points) }))
    .filter(({ motion }) => motion >= minMotion);
  if (moved.length < minMotionPairs || !comesFromManyFrames(moved)) return null;
  const sample = thin(moved);
  const share = median(sample.map(({ from, to, motion }) => homographyResidual(from.points, to.points) / motion));
  if (!(share <= maxFlatShare)) return null;
  const says = `the face moved as a flat sheet does (${Math.round(share * 100)} % of the motion needs depth)`;
  return { name, score: (0.3 * share) / maxFlatShare, verdict: "spoof", says };
}

function turnOf({ from, to }: Pair): number {
  return Math.abs(to.yaw - from.yaw);
}

/** The turn includes a frontal view, where the face is also compared, and does not go beyond what the landmarks can follow. */
function isTurn(pair: Pair): boolean {
  const low = Math.min(pair.from.yaw, pair.to.yaw);
  const high = Math.max(pair.from.yaw, pair.to.yaw);
  return high - low >= minTurn && low <= maxFrontalYaw && high >= -maxFrontalYaw && Math.max(-low, high) <= maxYaw;
}

/** What no plane explains between successive frames, at the calmer moments. */
function noiseOf(shapes: readonly ShapeSample[]): number {
  const steps = shapes.slice(1).map((shape, i) => homographyResidual(shapes[i]!.points, shape.points));
  return steps.sort((p, q) => p - q)[steps.length >> 2] ?? Number.POSITIVE_INFINITY;
}

/** The half with the largest turns, which show the most depth. */
function widest(pairs: readonly Pair[]): Pair[] {
  return [...pairs].sort((p, q) => turnOf(q) - turnOf(p)).slice(0, Math.ceil(pairs.length / 2));
}

function passesThroughMiddle({ from, to }: Pair, frames: readonly EyeSample[]): boolean {
  const low = Math.min(from.yaw, to.yaw) + 0.15 * turnOf({ from, to });
  const high = Math.max(from.yaw, to.yaw) - 0.15 * turnOf({ from, to });
  const middle = frames.filter(({ atMs, yaw }) => atMs > from.atMs && atMs < to.atMs && yaw >= low && yaw <= high);
  return middle.length >= minMiddleFrames;
}

function comesFromManyFrames(pairs: readonly Pair[]): boolean {
  const starts = new Set(pairs.map(({ from }) => from));
  const ends = new Set(pairs.map(({ to }) => to));
  return starts.size >= minFrames && ends.size >= minFrames;
}

/** At most `maxPairs`, spread evenly. */
function thin<T>(items: readonly T[]): T[] {
  const stride = Math.max(1, items.length / maxPairs);
  return Array.from({ length: Math.min(items.length, maxPairs) }, (_, i) => items[Math.floor(i * stride)]!);
}

function median(values: readonly number[]): number {
  return [...values].sort((p, q) => p - q)[values.length >> 1] ?? 0;
}
