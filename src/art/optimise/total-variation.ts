import type { Planes } from "./adam.ts";

/**
 * Adds the gradient of `weight * sum of (difference of neighbours)^2` and returns that sum times the weight. Neighbours are those to
 * the right and below, each pair once. For such a sum the loss is half the pixels times their gradient, so that both need one pass.
 */
export function addTotalVariation({ data, width, height }: Planes, gradient: Float32Array, weight: number): number {
  if (weight === 0) return 0;
  const twice = 2 * weight;
  let doubled = 0;
  for (let row = 0; row < 3 * height; row++) {
    const y = row % height;
    const start = row * width;
    const up = y > 0 ? width : 0;
    const down = y < height - 1 ? width : 0;
    const last = start + width - 1;
    let left = data[start]!;
    let here = left;
    for (let i = start; i <= last; i++) {
      const right = i < last ? data[i + 1]! : here;
      // A neighbour that is not there counts as the pixel itself.
      const slope = twice * (4 * here - left - right - data[i - up]! - data[i + down]!);
      gradient[i] = gradient[i]! + slope;
      doubled += slope * here;
      left = here;
      here = right;
    }
  }
  return doubled / 2;
}
