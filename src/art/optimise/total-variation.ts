import type { Planes } from "./adam.ts";

/** The weighted sum of the squared differences of neighbours, each pair once; its gradient is added to the other one. */
export function addTotalVariation({ data, width, height }: Planes, weight: number, gradient: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const here = data[i]!;
    if (x + 1 < width) sum += pair({ here, there: data[i + 1]!, weight }, gradient, { from: i, to: i + 1 });
    if (y + 1 < height) sum += pair({ here, there: data[i + width]!, weight }, gradient, { from: i, to: i + width });
  }
  return weight * sum;
}

// --- internal ---

function pair(
  { here, there, weight }: { here: number; there: number; weight: number },
  gradient: Float32Array,
  { from, to }: { from: number; to: number },
): number {
  const difference = here - there;
  gradient[from]! += 2 * weight * difference;
  gradient[to]! -= 2 * weight * difference;
  return difference ** 2;
}
