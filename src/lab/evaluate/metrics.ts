/** One comparison of two pictures. */
export interface ScoredPair {
  /** Infinity when one of the pictures could not be used: a non-match at every threshold. */
  readonly distance: number;
  readonly isGenuine: boolean;
  /** What is drawn again and again for intervals: the two people, or the pair itself twice when the people are not known. */
  readonly units: readonly [number, number];
  /** The two pictures, where a report is to show them. */
  readonly files?: readonly [string, string];
}

export interface ThresholdPoint {
  readonly threshold: number;
  /** False match rate: part of the impostor pairs that match. */
  readonly fmr: number;
  /** False non-match rate: part of the genuine pairs that do not. */
  readonly fnmr: number;
}

/** What the pairs of a test say about a comparer (terms of ISO/IEC 19795-1). A pair matches when its distance is <= the threshold. */
export interface ErrorCurve {
  /** From the strictest threshold to the loosest; between neighbours no pair changes sides. */
  readonly points: readonly ThresholdPoint[];
  /** The chance that a genuine pair is nearer than an impostor pair, ties counting half. */
  readonly auc: number;
}

export function byDistance(pairs: readonly ScoredPair[]): ScoredPair[] {
  return [...pairs].sort((p, q) => p.distance - q.distance || 0);
}

/**
 * Both error rates at every threshold that makes a difference. `sorted` is in order of distance; `weights`, where given, count each
 * pair so many times. Thresholds lie half-way between two neighbouring distances.
 */
export function errorCurve(sorted: readonly ScoredPair[], weights?: Float64Array): ErrorCurve {
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  let genuine = 0;
  let impostor = 0;
  sorted.forEach((pair, i) => {
    if (pair.isGenuine) genuine += weightOf(i);
    else impostor += weightOf(i);
  });
  const points: ThresholdPoint[] = [{ threshold: 0, fmr: 0, fnmr: genuine > 0 ? 1 : 0 }];
  let matches = 0;
  let falseMatches = 0;
  let area = 0;
  for (let i = 0; i < sorted.length; ) {
    const { distance } = sorted[i]!;
    let tiedGenuine = 0;
    let tiedImpostor = 0;
    for (; i < sorted.length && sorted[i]!.distance === distance; i++) {
      if (sorted[i]!.isGenuine) tiedGenuine += weightOf(i);
      else tiedImpostor += weightOf(i);
    }
    area += tiedImpostor * (matches + tiedGenuine / 2);
    if (!Number.isFinite(distance)) continue;
    matches += tiedGenuine;
    falseMatches += tiedImpostor;
    const next = sorted[i]?.distance ?? distance;
    const threshold = Number.isFinite(next) ? (distance + next) / 2 : distance;
    points.push({ threshold, fmr: rate(falseMatches, impostor), fnmr: rate(genuine - matches, genuine) });
  }
  return { points, auc: rate(area, genuine * impostor) };
}

/** Where both error rates are closest to each other, their mean. */
export function equalErrorRate({ points }: ErrorCurve): number {
  let closest = Number.POSITIVE_INFINITY;
  let eer = 1;
  for (const { fmr, fnmr } of points) {
    const gap = Math.abs(fmr - fnmr);
    if (gap >= closest) continue;
    closest = gap;
    eer = (fmr + fnmr) / 2;
  }
  return eer;
}

/** Least FNMR among the thresholds at which the FMR is not above `fmr`. */
export function fnmrAtFmr({ points }: ErrorCurve, fmr: number): number {
  let least = 1;
  for (const point of points) if (point.fmr <= fmr) least = Math.min(least, point.fnmr);
  return least;
}

/** The threshold that sorts most pairs rightly, the strictest of several. */
export function bestThreshold(
  { points }: ErrorCurve,
  counts: { genuine: number; impostor: number },
): { threshold: number; right: number } {
  let best = { threshold: 0, right: -1 };
  for (const { threshold, fmr, fnmr } of points) {
    const right = Math.round(counts.genuine * (1 - fnmr) + counts.impostor * (1 - fmr));
    if (right > best.right) best = { threshold, right };
  }
  return best;
}

function rate(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
