import { describe, expect, test } from "vitest";
import { addTotalVariation } from "../../../../src/art/optimise/total-variation.ts";
import { randomPlanes } from "../../../support/art-networks.ts";

/** Straight from the definition: each pair of neighbours once. */
function definition(data: Float32Array, width: number, height: number): number {
  let sum = 0;
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = (c * height + y) * width + x;
        if (x + 1 < width) sum += (data[at]! - data[at + 1]!) ** 2;
        if (y + 1 < height) sum += (data[at]! - data[at + width]!) ** 2;
      }
    }
  }
  return sum;
}

describe("addTotalVariation", () => {
  test.each([
    [7, 5],
    [1, 6],
    [6, 1],
    [1, 1],
  ])("the loss of %d x %d is the weighted sum of squared differences", (width, height) => {
    const planes = randomPlanes(width, height, 3);
    const loss = addTotalVariation(planes, new Float32Array(planes.data.length), 0.3);
    expect(loss).toBeCloseTo(0.3 * definition(planes.data, width, height), 4);
  });

  test("the gradient agrees with finite differences and is added to what is there", () => {
    const planes = randomPlanes(5, 4, 9);
    const gradient = new Float32Array(planes.data.length).fill(2);
    addTotalVariation(planes, gradient, 0.7);
    for (const at of [0, 4, 7, 19, 20, 33, 59]) {
      const moved = (by: number) => {
        const data = Float32Array.from(planes.data);
        data[at]! += by;
        return 0.7 * definition(data, 5, 4);
      };
      expect(gradient[at]! - 2).toBeCloseTo((moved(0.01) - moved(-0.01)) / 0.02, 2);
    }
  });

  test("a flat picture and the weight zero cost nothing", () => {
    const flat = { data: new Float32Array(48).fill(3), width: 4, height: 4 };
    const gradient = new Float32Array(48);
    expect(addTotalVariation(flat, gradient, 1)).toBe(0);
    expect(addTotalVariation(randomPlanes(4, 4, 1), gradient, 0)).toBe(0);
    expect(gradient.every((value) => value === 0)).toBe(true);
  });
});
