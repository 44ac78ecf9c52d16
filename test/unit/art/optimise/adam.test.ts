import { describe, expect, test } from "vitest";
import { Adam, type AdamState, type AdamStep, freshAdam, type Planes } from "../../../../src/art/optimise/adam.ts";
import { randomPlanes } from "../../../support/art-networks.ts";

const bounds = [
  [-100, 100],
  [-100, 100],
  [-100, 100],
] as const;

const plain = { averaged: 0, bounds, totalVariation: 0 };
/** On three planes of one pixel. */
const onPixels = (...pixels: number[]) => new Adam(freshAdam(Float32Array.from(pixels)), { width: 1, height: 1 });

/** Gradient of half the squared distance to 7. */
const towards7 = (pixels: Float32Array) => pixels.map((value) => value - 7);

describe("Adam", () => {
  test("the first step has the size of the rate, whatever the size of the gradient", () => {
    for (const size of [1e-9, 1, 1e9]) {
      const adam = onPixels(0, 0, 0);
      adam.step(Float32Array.of(size, -size, 0), { ...plain, step: 1, rate: 8 });
      expect(adam.state.pixels[0]).toBeCloseTo(-8, 4);
      expect(adam.state.pixels[1]).toBeCloseTo(8, 4);
      expect(adam.state.pixels[2]).toBe(0);
    }
  });

  test("it finds the lowest place of a bowl", () => {
    const adam = onPixels(-60, 0, 90);
    for (let step = 1; step <= 400; step++) {
      adam.step(towards7(adam.state.pixels), { ...plain, step, rate: 2 * (1 - step / 401) });
    }
    for (const value of adam.state.pixels) expect(value).toBeCloseTo(7, 1);
  });

  test("pixels stay within what their plane can be", () => {
    const adam = onPixels(0, 0, 0);
    const narrow = [
      [-1, 1],
      [-2, 2],
      [-3, 3],
    ] as const;
    adam.step(Float32Array.of(1, -1, 1), { ...plain, step: 1, rate: 50, bounds: narrow });
    expect([...adam.state.pixels]).toEqual([-1, 2, -3]);
  });

  test("the average is the mean of the iterates since averaging began", () => {
    const adam = onPixels(10, 20, 30);
    const seen: number[] = [];
    for (let step = 1; step <= 5; step++) {
      adam.step(towards7(adam.state.pixels), { ...plain, step, rate: 1, averaged: Math.max(0, step - 2) });
      if (step > 2) seen.push(adam.state.pixels[0]!);
    }
    expect(adam.state.average[0]).toBeCloseTo(seen.reduce((a, b) => a + b, 0) / seen.length, 4);
  });

  test("a gradient that is no number is not taken for the edge of what a pixel can be", () => {
    const adam = onPixels(1, 2, 3);
    adam.step(Float32Array.of(Number.NaN, 1, 1), { ...plain, step: 1, rate: 1 });
    expect(adam.state.pixels[0]).toBeNaN();
    expect(adam.state.pixels[1]).toBeCloseTo(1, 4);
  });

  test("goes on from a state as if there had been no break", () => {
    const size = { width: 9, height: 4 };
    const gradients = [1, 2, 3, 4].map((seed) => randomPlanes(9, 4, seed).data);
    const whole = new Adam(freshAdam(randomPlanes(9, 4, 7).data), size);
    let broken = new Adam(freshAdam(randomPlanes(9, 4, 7).data), size);
    for (const [index, gradient] of gradients.entries()) {
      const options = { step: index + 1, rate: 2, averaged: index, bounds, totalVariation: 0.01 };
      whole.step(gradient, options);
      broken = new Adam(structuredClone(broken.state), size);
      broken.step(gradient, options);
    }
    expect(broken.state).toEqual(whole.state);
  });
});

/** The same in plain arithmetic with 64 bits. */
function plainStep(state: AdamState, { data, width, height }: Planes, options: AdamStep): number {
  const { step, rate, averaged, totalVariation } = options;
  const before = state.pixels.slice();
  const gain = (rate * Math.sqrt(1 - 0.99 ** step)) / (1 - 0.9 ** step);
  let variation = 0;
  for (let i = 0; i < before.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const here = before[i]!;
    const neighbour = (isThere: boolean, by: number) => (isThere ? here - before[i + by]! : 0);
    const [right, below] = [neighbour(x < width - 1, 1), neighbour(y < height - 1, width)];
    variation += totalVariation * (right ** 2 + below ** 2);
    const slope = right + below + neighbour(x > 0, -1) + neighbour(y > 0, -width);
    const g = data[i]! + 2 * totalVariation * slope;
    state.firstMoment[i] = 0.9 * state.firstMoment[i]! + 0.1 * g;
    state.secondMoment[i] = 0.99 * state.secondMoment[i]! + 0.01 * g * g;
    const [low, high] = options.bounds[Math.floor(i / (width * height))]!;
    const moved = here - (gain * state.firstMoment[i]!) / (Math.sqrt(state.secondMoment[i]!) + 1e-20);
    state.pixels[i] = Math.min(high, Math.max(low, moved));
    if (averaged > 0) state.average[i]! += (state.pixels[i]! - state.average[i]!) / averaged;
  }
  return variation;
}

/** Largest difference, in parts of the largest number. */
function apart(ours: Float32Array, theirs: Float32Array): number {
  const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest(ours.map((value, i) => value - theirs[i]!)) / largest(theirs);
}

test.each([1, 2, 3, 4, 5, 7, 8, 9, 16, 30])("on rows of %d pixels four at a time are as good as one", (width) => {
  for (const height of [1, 2, 5]) {
    const start = randomPlanes(width, height, 3, 40);
    const adam = new Adam(freshAdam(start.data), start);
    const reference = freshAdam(start.data.slice());
    for (let step = 1; step <= 6; step++) {
      const planes = randomPlanes(width, height, 10 + step, 1e-4);
      const options = { step, rate: 3, averaged: Math.max(0, step - 3), bounds, totalVariation: 1e-6 };
      const expected = plainStep(reference, planes, options);
      expect(adam.step(planes.data, options)).toBeCloseTo(expected, 5);
    }
    for (const name of ["pixels", "firstMoment", "secondMoment", "average"] as const) {
      expect(apart(adam.state[name], reference[name]), `${name}, ${height} rows`).toBeLessThan(2e-6);
    }
  }
});
