/**
 * Error rates of a comparer from its distances (ISO/IEC 19795-1). A pair of which a picture could not be used has the distance
 * Infinity: it is a non-match at every threshold. A pair matches when its distance is <= the threshold.
 */
export interface Distances {
  /** Of two pictures of one person. */
  readonly genuine: readonly number[];
  /** Of pictures of two people. */
  readonly impostor: readonly number[];
}

export interface ThresholdPoint {
  readonly threshold: number;
  /** Part of the impostor pairs that match. */
  readonly fmr: number;
  /** Part of the genuine pairs that do not. */
  readonly fnmr: number;
}

/**
 * Both error rates at every threshold that makes a difference, the strictest first. The first point lies below all distances,
 * the others half-way between two neighbouring distances: a threshold that says where it may be moved without any change.
 */
export function errorCurve({ genuine, impostor }: Distances): ThresholdPoint[] {
  const events = [
    ...genuine.map((distance) => ({ distance, isGenuine: true })),
    ...impostor.map((distance) => ({ distance, isGenuine: false })),
  ]
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((p, q) => p.distance - q.distance);
  const points: ThresholdPoint[] = [{ threshold: 0, fmr: 0, fnmr: 1 }];
  let matches = 0;
  let falseMatches = 0;
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (event.isGenuine) matches++;
    else falseMatches++;
    const next = events[i + 1]?.distance;
    if (next === event.distance) continue;
    points.push({
      threshold: next === undefined ? event.distance : (event.distance + next) / 2,
      fmr: rate(falseMatches, impostor.length),
      fnmr: 1 - rate(matches, genuine.length),
    });
  }
  return points;
}

/** Where both error rates are equal; between two points of the curve the mean of both where they are closest. */
export function equalErrorRate(curve: readonly ThresholdPoint[]): number {
  let best = Number.POSITIVE_INFINITY;
  let eer = 1;
  for (const { fmr, fnmr } of curve) {
    const gap = Math.abs(fmr - fnmr);
    if (gap < best) {
      best = gap;
      eer = (fmr + fnmr) / 2;
    }
  }
  return eer;
}

/** Least FNMR among thresholds whose FMR is not above `fmr`. */
export function fnmrAtFmr(curve: readonly ThresholdPoint[], fmr: number): number {
  let least = 1;
  for (const point of curve) if (point.fmr <= fmr && point.fnmr < least) least = point.fnmr;
  return least;
}

/** The chance that a genuine pair is nearer than an impostor pair, ties counting half (Mann and Whitney 1947). */
export function areaUnderCurve({ genuine, impostor }: Distances): number {
  const sorted = Float64Array.from(impostor).sort();
  let wins = 0;
  for (const distance of genuine) {
    const nearer = countBelow(sorted, distance, false);
    const tied = countBelow(sorted, distance, true) - nearer;
    wins += sorted.length - nearer - tied / 2;
  }
  return wins / (genuine.length * impostor.length);
}

/** How many of the sorted numbers are below `limit` (or equal to it). */
function countBelow(sorted: Float64Array, limit: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle]!;
    if (value < limit || (orEqual && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The threshold that sorts most pairs rightly; the middle one where several do equally well. */
export function bestThreshold(
  curve: readonly ThresholdPoint[],
  counts: { genuine: number; impostor: number },
): { threshold: number; accuracy: number } {
  const total = counts.genuine + counts.impostor;
  const right = curve.map(({ fmr, fnmr }) =>
    Math.round(counts.genuine * (1 - fnmr) + counts.impostor * (1 - fmr)),
  );
  const most = Math.max(...[0].concat(right.reduce((m, n) => Math.max(m, n), 0)));
  const best = curve.filter((_, i) => right[i] === most);
  const middle = best[Math.floor(best.length / 2)];
  return { threshold: middle?.threshold ?? 0, accuracy: rate(most, total) };
}

export function rate(count: number, of: number): number {
  return of === 0 ? 0 : count / of;
}
