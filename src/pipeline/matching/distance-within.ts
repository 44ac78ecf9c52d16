import type { FaceComparer } from "./face-comparer.ts";
import { type FaceVectors, maxFusionGain } from "./fusion.ts";

/** Columns summed before the running sum is compared with the limit; the length of a vector is a multiple of it. */
const blockColumns = 32;

/**
 * The comparer's distance, or Infinity once the first embedder's vectors alone say that it lies above `limit`: most of a gallery is left
 * after a part of the 128 numbers. Not a number where the two cannot be compared.
 */
export function distanceWithin(
  comparer: FaceComparer,
  [a, b]: readonly [FaceVectors, FaceVectors],
  limit: number,
): number {
  return isBeyond(a.dlib, b.dlib, limit + maxFusionGain) ? Number.POSITIVE_INFINITY : comparer.distance(a, b);
}

// --- internal ---

/** Four sums run side by side, because one alone would wait for each addition in turn. */
function isBeyond(a: Float32Array, b: Float32Array, limit: number): boolean {
  // Rounding must not shut out what lies on the limit.
  const most = (limit + 1e-6) ** 2;
  let squared = 0;
  for (let column = 0; column < a.length && squared <= most; ) {
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (const end = column + blockColumns; column < end; column += 4) {
      const p = a[column]! - b[column]!;
      const q = a[column + 1]! - b[column + 1]!;
      const r = a[column + 2]! - b[column + 2]!;
      const s = a[column + 3]! - b[column + 3]!;
      sumA += p * p;
      sumB += q * q;
      sumC += r * r;
      sumD += s * s;
    }
    squared += sumA + sumB + (sumC + sumD);
  }
  return squared > most;
}
