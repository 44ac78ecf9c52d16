import { describe, expect, test } from "vitest";
import { colouredLike, greyLike, multiply, symmetricPower, withColoursOf } from "../../../src/art/colour.ts";
import { gaussian, seededRandom } from "../../../src/core/random.ts";

/** Colours around a mean with a spread of each channel. */
function cloud(seed: number, mean: readonly number[], spread: number) {
  const random = seededRandom(seed);
  const rgb = Uint8Array.from(
    { length: 3 * 400 },
    (_, i) => mean[i % 3]! + spread * (1 + (i % 3)) * 0.5 * gaussian(random),
  );
  return { rgb, width: 20, height: 20 };
}

function means({ rgb }: { rgb: Uint8Array }): number[] {
  return [0, 1, 2].map(
    (c) => rgb.filter((_, i) => i % 3 === c).reduce((sum, value) => sum + value, 0) / (rgb.length / 3),
  );
}

describe("colour", () => {
  test("the recoloured style has the mean and the spread of the content", () => {
    const content = cloud(1, [90, 120, 150], 10);
    const found = colouredLike(cloud(2, [160, 100, 80], 20), content);
    for (const [c, mean] of means(found).entries()) expect(Math.abs(mean - means(content)[c]!)).toBeLessThan(1);
  });

  test("a style of one colour becomes the content's mean, not noise", () => {
    const flat = { rgb: new Uint8Array(1200).fill(77), width: 20, height: 20 };
    const content = cloud(1, [90, 120, 150], 10);
    for (const [c, mean] of means(colouredLike(flat, content)).entries()) {
      expect(Math.abs(mean - means(content)[c]!)).toBeLessThan(1);
    }
  });

  test("a grey style takes the brightness of the content", () => {
    const found = greyLike(cloud(2, [200, 200, 200], 4), cloud(1, [60, 60, 60], 10));
    expect(found.rgb[0]).toBe(found.rgb[1]);
    for (const mean of means(found)) expect(Math.abs(mean - 60)).toBeLessThan(2);
  });

  test("a painting as bright as the content gets exactly its colours", () => {
    const content = cloud(1, [90, 120, 150], 10);
    const grey = greyLike(content, content);
    const found = withColoursOf(grey, content);
    for (let i = 0; i < found.rgb.length; i++) expect(Math.abs(found.rgb[i]! - content.rgb[i]!)).toBeLessThanOrEqual(1);
  });

  test("the root of a matrix times itself is the matrix, and the inverse root undoes it", () => {
    const matrix = [5, 2, 1, 2, 4, -1, 1, -1, 3];
    const root = symmetricPower(matrix, 0.5);
    for (const [i, value] of multiply(root, root).entries()) expect(value).toBeCloseTo(matrix[i]!, 6);
    const one = multiply(root, symmetricPower(matrix, -0.5));
    for (const [i, value] of one.entries()) expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 6);
  });
});
