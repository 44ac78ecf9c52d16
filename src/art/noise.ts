import { gaussian, seededRandom } from "../core/random.ts";
import type { CanvasSize } from "./graph/forward.ts";
import type { Planes } from "./optimise/adam.ts";

/** Grey levels: enough to tell the directions apart, little enough to be painted over. */
const deviation = 24;

/** Noise around the network's mean colour; the same seed gives the same noise. */
export function noisePlanes({ width, height }: CanvasSize, seed: number): Planes {
  const random = seededRandom(seed);
  return { data: Float32Array.from({ length: 3 * width * height }, () => deviation * gaussian(random)), width, height };
}
