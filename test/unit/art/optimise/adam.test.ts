import { describe, expect, test } from "vitest";
import { adamStep, freshAdam } from "../../../../src/art/optimise/adam.ts";

const bounds = [
  [-100, 100],
  [-100, 100],
  [-100, 100],
] as const;

const plain = { averaged: 0, bounds, totalVariation: 0 };
/** Three planes of one pixel. */
const one = (data: Float32Array) => ({ data, width: 1, height: 1 });

/** Gradient of half the squared distance to 7. */
const towards7 = (pixels: Float32Array) => pixels.map((value) => value - 7);

describe("adamStep", () => {
  test("the first step has the size of the rate, whatever the size of the gradient", () => {
    for (const size of [1e-9, 1, 1e9]) {
      const state = freshAdam(new Float32Array(3));
      adamStep(state, one(Float32Array.of(size, -size, 0)), { ...plain, step: 1, rate: 8 });
      expect(state.pixels[0]).toBeCloseTo(-8, 4);
      expect(state.pixels[1]).toBeCloseTo(8, 4);
      expect(state.pixels[2]).toBe(0);
    }
  });

  test("it finds the lowest place of a bowl", () => {
    const state = freshAdam(Float32Array.of(-60, 0, 90));
    for (let step = 1; step <= 400; step++) {
      adamStep(state, one(towards7(state.pixels)), { ...plain, step, rate: 2 * (1 - step / 401) });
    }
    for (const value of state.pixels) expect(value).toBeCloseTo(7, 1);
  });

  test("pixels stay within what their plane can be", () => {
    const state = freshAdam(Float32Array.of(0, 0, 0));
    const narrow = [
      [-1, 1],
      [-2, 2],
      [-3, 3],
    ] as const;
    adamStep(state, one(Float32Array.of(1, -1, 1)), { ...plain, step: 1, rate: 50, bounds: narrow });
    expect([...state.pixels]).toEqual([-1, 2, -3]);
  });

  test("the average is the mean of the iterates since averaging began", () => {
    const state = freshAdam(Float32Array.of(10, 20, 30));
    const seen: number[] = [];
    for (let step = 1; step <= 5; step++) {
      adamStep(state, one(towards7(state.pixels)), { ...plain, step, rate: 1, averaged: Math.max(0, step - 2) });
      if (step > 2) seen.push(state.pixels[0]!);
    }
    expect(state.average[0]).toBeCloseTo(seen.reduce((a, b) => a + b, 0) / seen.length, 4);
  });
});
