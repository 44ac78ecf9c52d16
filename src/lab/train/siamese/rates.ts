import { byDistance, equalErrorRate, errorCurve, fnmrAtFmr, type ScoredPair } from "../../evaluate/metrics.ts";
import { squaredDistances } from "../mining.ts";

/** Equal error rate and false non-match rate of all pairs of rows. */
export function errorRates(rows: Float32Array, labels: readonly number[]): { eer: number; fnmrAtFmr1e2: number } {
  const n = labels.length;
  const squared = squaredDistances(rows, rows.length / n);
  const pairs: ScoredPair[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const isGenuine = labels[i] === labels[j];
      pairs.push({ distance: Math.sqrt(squared[i * n + j]!), isGenuine, units: [labels[i]!, labels[j]!] });
    }
  }
  const curve = errorCurve(byDistance(pairs));
  return { eer: equalErrorRate(curve), fnmrAtFmr1e2: fnmrAtFmr(curve, 1e-2) };
}
