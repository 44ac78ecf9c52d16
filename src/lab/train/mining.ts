import type { Random } from "../../core/random.ts";

/** Which negative a pair of one person is set against (Schroff, Kalenichenko and Philbin 2015, "FaceNet", arXiv:1503.03832). */
export type Mining = "random" | "semi-hard" | "hard";
export const minings: readonly Mining[] = ["random", "semi-hard", "hard"];

/** Places in the batch. */
export interface Triplet {
  readonly anchor: number;
  readonly positive: number;
  readonly negative: number;
}

export interface MiningOptions {
  readonly mining: Mining;
  /** How much farther a negative shall be than the positive, in squared distance. */
  readonly margin: number;
  readonly random: Random;
}

/**
 * One triplet for each ordered pair of one person in the batch. `random` takes any other person; `hard` the nearest one; `semi-hard` any that is
 * farther than the positive but within the margin. Where there is none for it, a pair is left out if all others are beyond the margin (it
 * costs nothing any more), and takes the farthest of them if all are nearer than the positive (as TensorFlow's `triplet_semihard_loss`
 * does). `squared`: all squared distances, n x n.
 */
export function mineTriplets(
  squared: Float32Array,
  labels: readonly number[],
  { mining, margin, random }: MiningOptions,
): Triplet[] {
  const n = labels.length;
  const triplets: Triplet[] = [];
  for (let anchor = 0; anchor < n; anchor++) {
    const others = range(n).filter((i) => labels[i] !== labels[anchor]);
    const distance = (i: number): number => squared[anchor * n + i]!;
    for (let positive = 0; positive < n; positive++) {
      if (positive === anchor || labels[positive] !== labels[anchor]) continue;
      const candidates = mining === "semi-hard" ? semiHard(others, distance, [distance(positive), margin]) : others;
      const negative = mining === "hard" ? nearest(candidates, distance) : drawn(candidates, random);
      if (negative !== undefined) triplets.push({ anchor, positive, negative });
    }
  }
  return triplets;
}

/** Squared Euclidean distances between the rows of a matrix, n x n. */
export function squaredDistances(rows: Float32Array, dimension: number): Float32Array {
  const n = rows.length / dimension;
  const squared = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++) sum += (rows[i * dimension + k]! - rows[j * dimension + k]!) ** 2;
      squared[i * n + j] = sum;
      squared[j * n + i] = sum;
    }
  }
  return squared;
}

// --- internal ---

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

function semiHard(
  others: readonly number[],
  distance: (i: number) => number,
  [near, margin]: readonly [number, number],
): readonly number[] {
  const farther = others.filter((i) => distance(i) > near);
  if (farther.length > 0) return farther.filter((i) => distance(i) < near + margin);
  const farthest = nearest(others, (i) => -distance(i));
  return farthest === undefined ? [] : [farthest];
}

function nearest(candidates: readonly number[], distance: (i: number) => number): number | undefined {
  let best = candidates[0];
  for (const i of candidates) if (best !== undefined && distance(i) < distance(best)) best = i;
  return best;
}

function drawn(candidates: readonly number[], random: Random): number | undefined {
  return candidates[Math.floor(random() * candidates.length)];
}
