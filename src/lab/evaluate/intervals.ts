import type { Random } from "../../core/random.ts";
import { type ErrorCurve, errorCurve, type ScoredPair } from "./metrics.ts";

/** A 95 % confidence interval. */
export type Interval = readonly [low: number, high: number];

const z95 = 1.959964;

/** For a proportion (Wilson 1927): sensible for few trials and near 0 and 1. Without trials everything is possible. */
export function wilson(count: number, trials: number): Interval {
  if (trials === 0) return [0, 1];
  const p = count / trials;
  const z2 = z95 * z95;
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (z95 / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  return [count === 0 ? 0 : Math.max(0, centre - half), count === trials ? 1 : Math.min(1, centre + half)];
}

/** Highest rate that is still believable (2.5 %, one-sided) when not one of `trials` went wrong (Clopper and Pearson 1934). */
export function highestWithoutError(trials: number): number {
  return trials === 0 ? 1 : 1 - 0.025 ** (1 / trials);
}

export interface Bootstrap {
  readonly replicates: number;
  readonly random: Random;
}

/**
 * An interval for each statistic of the error curve, by drawing the units (people) with replacement and weighing each pair by how often
 * its two units were drawn: pairs of one person are not independent, so drawing pairs would promise too much.
 */
export function bootstrapIntervals(
  sorted: readonly ScoredPair[],
  statistics: readonly ((curve: ErrorCurve) => number)[],
  { replicates, random }: Bootstrap,
): Interval[] {
  const values = statistics.map((): number[] => []);
  const units = 1 + sorted.reduce((most, { units: [a, b] }) => Math.max(most, a, b), -1);
  const binned = binPairs(sorted);
  for (let r = 0; r < replicates; r++) {
    const curve = binnedCurve(binned, drawUnits(units, random));
    statistics.forEach((statistic, i) => {
      values[i]?.push(statistic(curve));
    });
  }
  return values.map(percentiles);
}

/** Fewer bins than pairs: a curve of so many points is as good as one of a million, and drawn a hundred times as fast. */
const bins = 4000;

interface BinnedPairs {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly isGenuine: Uint8Array;
  /** Rising; equal distances share a bin. */
  readonly bin: Int32Array;
  readonly distances: readonly number[];
  /** A genuine and an impostor pair for each bin, to be weighed. */
  readonly pairs: readonly ScoredPair[];
}

function binPairs(sorted: readonly ScoredPair[]): BinnedPairs {
  const bin = new Int32Array(sorted.length);
  const distances: number[] = [];
  const size = sorted.length / bins;
  let startedAt = 0;
  for (const [i, { distance }] of sorted.entries()) {
    const before = sorted[i - 1]?.distance;
    if (i === 0 || (distance !== before && i - startedAt >= size)) {
      distances.push(distance);
      startedAt = i;
    }
    // A bin that held finite distances and Infinity would let a failed picture match.
    else if (distance !== before && !Number.isFinite(distance)) distances.push(distance);
    bin[i] = distances.length - 1;
  }
  return {
    first: Int32Array.from(sorted, ({ units }) => units[0]),
    second: Int32Array.from(sorted, ({ units }) => units[1]),
    isGenuine: Uint8Array.from(sorted, (pair) => Number(pair.isGenuine)),
    bin,
    distances,
    pairs: distances.flatMap((distance): ScoredPair[] => [
      { distance, isGenuine: true, units: [0, 0] },
      { distance, isGenuine: false, units: [0, 0] },
    ]),
  };
}

function binnedCurve(
  { first, second, isGenuine, bin, distances, pairs }: BinnedPairs,
  drawn: Float64Array,
): ErrorCurve {
  const genuine = new Float64Array(distances.length);
  const impostor = new Float64Array(distances.length);
  for (let i = 0; i < bin.length; i++) {
    const [a, b] = [first[i]!, second[i]!];
    const weight = a === b ? drawn[a]! : drawn[a]! * drawn[b]!;
    const kind = isGenuine[i] === 1 ? genuine : impostor;
    kind[bin[i]!] = kind[bin[i]!]! + weight;
  }
  const weights = new Float64Array(distances.length * 2);
  for (let i = 0; i < distances.length; i++) {
    weights[2 * i] = genuine[i]!;
    weights[2 * i + 1] = impostor[i]!;
  }
  return errorCurve(pairs, weights);
}

function drawUnits(units: number, random: Random): Float64Array {
  const drawn = new Float64Array(units);
  for (let i = 0; i < units; i++) {
    const unit = Math.floor(random() * units);
    drawn[unit] = drawn[unit]! + 1;
  }
  return drawn;
}

function percentiles(values: number[]): Interval {
  values.sort((p, q) => p - q);
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
  return [at(0.025), at(0.975)];
}
