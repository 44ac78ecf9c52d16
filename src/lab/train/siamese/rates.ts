import { seededRandom } from "../../../core/random.ts";
import { bootstrapIntervals, type Interval } from "../../evaluate/intervals.ts";
import {
  byDistance,
  type ErrorCurve,
  equalErrorRate,
  errorCurve,
  fnmrAtFmr,
  type ScoredPair,
} from "../../evaluate/metrics.ts";
import { squaredDistances } from "../mining.ts";

/** Vectors of people whom the network that made them has not seen. */
export interface HeldVectors {
  readonly rows: Float32Array;
  readonly labels: readonly number[];
}

export interface HeldRates {
  readonly eer: number;
  /** How often a pair of one person is nearer than a pair of two: of all pairs, and so calmer than a rate at one threshold. */
  readonly auc: number;
  readonly fnmrAtFmr1e2: number;
}

/** With 95 % of what other people might have shown. */
export interface Measured extends HeldRates {
  readonly intervals: { readonly eer: Interval; readonly auc: Interval };
}

/** One way less another on the same people, and 95 % of it, drawing the same people for both. */
export interface Difference {
  readonly eer: number;
  readonly auc: number;
  readonly intervals: { readonly eer: Interval; readonly auc: Interval };
}

const replicates = 500;

/** Rates of several networks together: pairs are made within what one of them saw. */
export function ratesOf(parts: readonly HeldVectors[]): HeldRates {
  return ratesOn(errorCurve(pairsOf(parts)));
}

export function measure(parts: readonly HeldVectors[], seed: number): Measured {
  const drawn = draws(parts, seed);
  return { ...ratesOf(parts), intervals: { eer: middle(drawn.eer), auc: middle(drawn.auc) } };
}

/** `one` less `other`; the parts are of the same people in the same order. */
export function differenceOf(
  { one, other }: { one: readonly HeldVectors[]; other: readonly HeldVectors[] },
  seed: number,
): Difference {
  const [mine, theirs] = [ratesOf(one), ratesOf(other)];
  const [drawn, against] = [draws(one, seed), draws(other, seed)];
  const lessBy = (values: readonly number[], others: readonly number[]): number[] =>
    values.map((value, i) => value - others[i]!);
  return {
    eer: mine.eer - theirs.eer,
    auc: mine.auc - theirs.auc,
    intervals: { eer: middle(lessBy(drawn.eer, against.eer)), auc: middle(lessBy(drawn.auc, against.auc)) },
  };
}

// --- internal ---

function ratesOn(curve: ErrorCurve): HeldRates {
  return { eer: equalErrorRate(curve), auc: curve.auc, fnmrAtFmr1e2: fnmrAtFmr(curve, 1e-2) };
}

function pairsOf(parts: readonly HeldVectors[]): ScoredPair[] {
  const pairs: ScoredPair[] = [];
  for (const { rows, labels } of parts) {
    const n = labels.length;
    const squared = squaredDistances(rows, rows.length / n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const units = [labels[i]!, labels[j]!] as const;
        pairs.push({ distance: Math.sqrt(squared[i * n + j]!), isGenuine: units[0] === units[1], units });
      }
    }
  }
  return byDistance(pairs);
}

/** The rates with people drawn again and again; the same seed draws the same people. */
function draws(parts: readonly HeldVectors[], seed: number): { eer: number[]; auc: number[] } {
  const drawn = { eer: [] as number[], auc: [] as number[] };
  const statistic = (curve: ErrorCurve): number => {
    drawn.eer.push(equalErrorRate(curve));
    drawn.auc.push(curve.auc);
    return curve.auc;
  };
  bootstrapIntervals(pairsOf(parts), [statistic], { replicates, random: seededRandom(seed) });
  return drawn;
}

/** Of the values, from the 2.5th to the 97.5th percentile. */
function middle(values: readonly number[]): Interval {
  const sorted = values.toSorted((p, q) => p - q);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [at(0.025), at(0.975)];
}
