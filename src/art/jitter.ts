import { seededRandom } from "../core/random.ts";
import type { Planes } from "./optimise/adam.ts";

export interface Shift {
  readonly x: number;
  readonly y: number;
}

/** Planes moved round: what leaves at one side comes in at the other. Shifts are not negative. */
export function rolled({ data, width, height }: Planes, shift: Shift): Float32Array {
  const moved = new Float32Array(data.length);
  const x = shift.x % width;
  for (let row = 0; row < 3 * height; row++) {
    const plane = Math.floor(row / height) * height;
    const from = (plane + ((row - plane + shift.y) % height)) * width;
    moved.set(data.subarray(from + x, from + width), row * width);
    moved.set(data.subarray(from, from + x), row * width + width - x);
  }
  return moved;
}

/** Back to where it was. */
export function unrolled(planes: Planes, shift: Shift): Float32Array {
  const { width, height } = planes;
  return rolled(planes, { x: width - (shift.x % width), y: height - (shift.y % height) });
}

const farthestPx = 32;

/** How far a step moves the picture before it is looked at: the same for the same seed and step, also after a break. */
export function shiftAt(seed: number, step: number): Shift {
  const random = seededRandom((seed ^ Math.imul(step + 1, 0x9e3779b1)) >>> 0);
  return { x: Math.floor(farthestPx * random()), y: Math.floor(farthestPx * random()) };
}
