/** One measurement of something that may change with time. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Trend {
  /** Median of the slopes between every two points, and the line's height at x = 0. */
  readonly slope: number;
  readonly atZero: number;
  /** Interval of the slope; one that contains 0 says nothing about the direction. */
  readonly interval: readonly [low: number, high: number];
}

/**
 * The line of Theil and Sen: a third of the points may be anything at all and it still holds. The interval is exact, from
 * Kendall's distribution for independent points without ties (Sen 1968; Hollander and Wolfe, Nonparametric Statistical
 * Methods, 9.3), and so at least as wide as was asked for. Null with too few points for any interval of that confidence: fewer
 * than five for 95 %. Every x must differ.
 */
export function theilSen(points: readonly Point[], confidence = 0.95): Trend | null {
  const rank = intervalRank(points.length, (1 - confidence) / 2);
  if (rank === null) return null;
  const slopes = points
    .flatMap((a, i) => points.slice(i + 1).map((b) => (b.y - a.y) / (b.x - a.x)))
    .sort((p, q) => p - q);
  const low = slopes[rank];
  const high = slopes[slopes.length - 1 - rank];
  if (low === undefined || high === undefined) throw new Error("an interval outside its slopes");
  const slope = median(slopes);
  const atZero = median(points.map(({ x, y }) => y - slope * x));
  return { slope, atZero, interval: [low, high] };
}

/** Of at least one value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((p, q) => p - q);
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined) throw new RangeError("nothing has no median");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? upper)) / 2;
}

// --- internal ---

/**
 * How many of the sorted slopes may be left out at either end. As many slopes are wrong about the sign of a trend that is not
 * there as the order of the points has inversions: the rank is the largest whose tail of inversion counts is at most `tail`.
 */
function intervalRank(count: number, tail: number): number | null {
  let rank: number | null = null;
  let below = 0;
  for (const [inversions, share] of inversionShares(count).entries()) {
    below += share;
    // Written so that rounding of the sum never widens the rank.
    if (below > tail * (1 - 1e-12)) break;
    rank = inversions;
  }
  return rank;
}

/** Part of the orders of `count` points that have 0, 1, 2, ... inversions. */
function inversionShares(count: number): readonly number[] {
  let shares = [1];
  for (let size = 2; size <= count; size++) {
    const next = new Array<number>(shares.length + size - 1).fill(0);
    for (const [inversions, share] of shares.entries()) {
      for (let more = 0; more < size; more++) next[inversions + more] = (next[inversions + more] ?? 0) + share / size;
    }
    shares = next;
  }
  return shares;
}
