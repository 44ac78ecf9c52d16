import { gaussian, seededRandom } from "../../src/core/random.ts";
import type { Samples } from "../../src/lab/train/samples.ts";

/**
 * "People" as coarse patterns of 4 x 4 tiles, "pictures" of them as the same with noise: something to tell apart for a tiny network. Pictures are
 * `side` numbers wide and high.
 */
export function patterns({ people, pictures, side }: { people: number; pictures: number; side: number }): Samples {
  const random = seededRandom(1);
  const rows: number[] = [];
  const labels: number[] = [];
  for (let person = 0; person < people; person++) {
    const tiles = Array.from({ length: 16 }, () => gaussian(random));
    for (let picture = 0; picture < pictures; picture++) {
      for (let i = 0; i < side * side; i++) {
        const [row, column] = [Math.floor(i / side), i % side];
        const tile = Math.floor((row * 4) / side) * 4 + Math.floor((column * 4) / side);
        rows.push((tiles[tile] ?? 0) + gaussian(random) * 0.8);
      }
      labels.push(person);
    }
  }
  return { rows: Float32Array.from(rows), dimension: side * side, labels };
}
