/** The lower tail of a distribution of distances: how rare very small ones are, beyond the smallest that were seen. */

export interface LowerTail {
  /** Distance below which the tail begins. */
  readonly limit: number;
  /** Part of all distances that lie below the limit. */
  readonly share: number;
  /** Hosking's k (minus the usual shape): above 0 the tail ends somewhere, below 0 it is heavy. */
  readonly shape: number;
  readonly scale: number;
  /** Distances behind the fit. */
  readonly count: number;
}

/** A tail that ends soon after the smallest distance seen, or one heavier than any face set's, is a whim of few numbers. */
const maxShape = 0.25;
const leastCount = 5;

export interface TailSample {
  /** Distances below the limit, in descending order: the exceedances `limit - distance` then ascend. */
  readonly distances: ArrayLike<number>;
  /** How often each counts; zero leaves it out. */
  readonly weights: ArrayLike<number>;
  readonly limit: number;
  /** Weight of all distances, those above the limit included. */
  readonly totalWeight: number;
}

/**
 * Fits a generalised Pareto distribution to what falls below the limit (peaks over threshold, Pickands 1975) by
 * probability-weighted moments (Hosking and Wallis 1987), which are steadier than maximum likelihood for few numbers and
 * need no iteration. Null for fewer than five distances.
 */
export function fitLowerTail({ distances, weights, limit, totalWeight }: TailSample): LowerTail | null {
  let count = 0;
  let weight = 0;
  for (let i = 0; i < distances.length; i++) {
    if (!(weights[i]! > 0)) continue;
    count++;
    weight += weights[i]!;
  }
  if (count < leastCount || !(totalWeight > 0)) return null;
  let mean = 0;
  let moment = 0;
  let before = 0;
  for (let i = 0; i < distances.length; i++) {
    const share = weights[i]! / weight;
    const exceedance = limit - distances[i]!;
    mean += share * exceedance;
    moment += share * exceedance * (1 - before - share / 2);
    before += share;
  }
  const shape = clampShape(mean / (mean - 2 * moment) - 2);
  return { limit, share: Math.min(1, weight / totalWeight), shape, scale: (1 + shape) * mean, count };
}

/** Probability of a distance of at most `distance`; at the limit and above only the tail's own share is known. */
export function tailProbability({ limit, share, shape, scale }: LowerTail, distance: number): number {
  const exceedance = limit - distance;
  if (exceedance <= 0) return share;
  if (!(scale > 0)) return 0;
  if (Math.abs(shape) < 1e-6) return share * Math.exp(-exceedance / scale);
  const rest = 1 - (shape * exceedance) / scale;
  return rest <= 0 ? 0 : share * rest ** (1 / shape);
}

// --- internal ---

/** Written so that a shape that is no number becomes the shortest tail allowed, which then is scaled by the mean. */
function clampShape(shape: number): number {
  if (!(shape <= maxShape)) return maxShape;
  return Math.max(-maxShape, shape);
}
