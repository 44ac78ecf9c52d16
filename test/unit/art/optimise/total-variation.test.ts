import { describe, expect, test } from "vitest";
import type { Planes } from "../../../../src/art/optimise/adam.ts";
import { Adam, freshAdam } from "../../../../src/art/optimise/adam.ts";
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

const bounds = [
  [-1000, 1000],
  [-1000, 1000],
  [-1000, 1000],
] as const;

/** One step from here: the loss, and the gradient that Adam met, of whose first mean it is a tenth. */
function step({ data, width, height }: Planes, totalVariation: number, gradient = new Float32Array(data.length)) {
  const adam = new Adam(freshAdam(data), { width, height });
  const loss = adam.step(gradient, { step: 1, rate: 50, averaged: 0, bounds, totalVariation });
  return { loss, gradient: adam.state.firstMoment.map((value) => 10 * value) };
}

describe("the total variation in a step of Adam", () => {
  test.each([
    [7, 5],
    [1, 6],
    [6, 1],
    [1, 1],
  ])("of %d x %d is the weighted sum of squared differences before the step", (width, height) => {
    const planes = randomPlanes(width, height, 3);
    expect(step(planes, 0.3).loss).toBeCloseTo(0.3 * definition(planes.data, width, height), 4);
  });

  test("has a gradient that agrees with finite differences and is added to what is there", () => {
    const planes = randomPlanes(5, 4, 9);
    const { gradient } = step(planes, 0.7, new Float32Array(planes.data.length).fill(2));
    for (let at = 0; at < gradient.length; at++) {
      const moved = (by: number) => {
        const data = Float32Array.from(planes.data);
        data[at]! += by;
        return 0.7 * definition(data, 5, 4);
      };
      expect(gradient[at]! - 2).toBeCloseTo((moved(0.01) - moved(-0.01)) / 0.02, 2);
    }
  });

  test("is nothing for a flat picture and for the weight zero", () => {
    const flat = { data: new Float32Array(48).fill(3), width: 4, height: 4 };
    for (const { loss, gradient } of [step(flat, 1), step(randomPlanes(4, 4, 1), 0)]) {
      expect(loss).toBe(0);
      expect(gradient.every((value) => value === 0)).toBe(true);
    }
  });
});

describe("the total variation by itself", () => {
  test.each([
    [7, 5],
    [1, 6],
    [6, 1],
    [1, 1],
  ])("of %d x %d is what Adam's step takes it for, and so is its gradient", (width, height) => {
    const planes = randomPlanes(width, height, 3);
    const gradient = new Float32Array(planes.data.length).fill(2);
    const value = addTotalVariation(planes, 0.3, gradient);
    const expected = step(planes, 0.3, new Float32Array(planes.data.length).fill(2));
    expect(value).toBeCloseTo(expected.loss, 4);
    for (const [i, slope] of gradient.entries()) expect(slope).toBeCloseTo(expected.gradient[i] ?? 0, 3);
  });
});
