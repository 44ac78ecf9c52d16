import type { FaceComparer } from "./face-comparer.ts";
import { type FaceVectors, maxFusionGain } from "./fusion.ts";

/** Columns summed before the running sum is compared with the limit. */
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

function isBeyond(a: Float32Array, b: Float32Array, limit: number): boolean {
  // Rounding must not shut out what lies on the limit.
  const most = (limit + 1e-6) ** 2;
  let squared = 0;
  for (let column = 0; column < a.length && squared <= most; ) {
    for (const end = Math.min(a.length, column + blockColumns); column < end; column++) {
      const difference = a[column]! - b[column]!;
      squared += difference * difference;
    }
  }
  return squared > most;
}
