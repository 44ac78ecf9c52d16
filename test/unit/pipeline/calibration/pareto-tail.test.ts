import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { fitLowerTail, tailProbability } from "../../../../src/pipeline/calibration/pareto-tail.ts";

/** Distances below 0.5 whose exceedances follow a generalised Pareto distribution; `share` of all lies there. */
function sample(shape: number, scale: number, count: number) {
  const random = seededRandom(11);
  const exceedances = Array.from({ length: count }, () => {
    const u = 1 - random();
    return Math.abs(shape) < 1e-9 ? -scale * Math.log(u) : (scale * (1 - u ** shape)) / shape;
  }).sort((p, q) => p - q);
  const distances = exceedances.map((exceedance) => 0.5 - exceedance);
  return { distances, weights: distances.map(() => 1), limit: 0.5, totalWeight: count * 10 };
}

describe("fitLowerTail", () => {
  test.each([
    [0, 0.03],
    [0.15, 0.04],
    [-0.15, 0.02],
  ])("finds shape %d and scale %d of a sample drawn with them", (shape, scale) => {
    const tail = fitLowerTail(sample(shape, scale, 20_000));
    expect(tail?.shape).toBeCloseTo(shape, 1);
    expect(Math.abs((tail?.scale ?? 0) / scale - 1)).toBeLessThan(0.06);
    expect(tail?.share).toBeCloseTo(0.1, 10);
  });

  test("extrapolates beyond the sample within a factor of two", () => {
    const tail = fitLowerTail(sample(0, 0.02, 500));
    const at = 0.5 - 0.02 * Math.log(1e4);
    const truth = 0.1 * 1e-4;
    expect(tail && tailProbability(tail, at)).toBeGreaterThan(truth / 2.5);
    expect(tail && tailProbability(tail, at)).toBeLessThan(truth * 2.5);
  });

  test("weights count like repeated distances", () => {
    const { limit, totalWeight } = sample(0, 0.03, 1);
    const one = fitLowerTail({
      ...{ limit, totalWeight },
      distances: [0.49, 0.49, 0.48, 0.46, 0.43, 0.4],
      weights: [1, 1, 1, 1, 1, 1],
    });
    const other = fitLowerTail({
      ...{ limit, totalWeight },
      distances: [0.49, 0.48, 0.47, 0.46, 0.43, 0.4],
      weights: [2, 1, 0, 1, 1, 1],
    });
    expect(other?.share).toBeCloseTo(one?.share ?? 0, 12);
    expect(other?.scale).toBeCloseTo(one?.scale ?? 0, 12);
  });

  test("says nothing about fewer than five distances", () => {
    expect(
      fitLowerTail({ distances: [0.4, 0.3, 0.2, 0.1], weights: [1, 1, 1, 1], limit: 0.5, totalWeight: 9 }),
    ).toBeNull();
    expect(
      fitLowerTail({ distances: [0.4, 0.3, 0.2, 0.1, 0.1], weights: [1, 1, 1, 1, 0], limit: 0.5, totalWeight: 9 }),
    ).toBeNull();
  });

  test.each([
    ["all equal", [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]],
    ["all at the limit", [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]],
    ["one far away from the rest", [0.49, 0.49, 0.49, 0.49, 0.49, 0.01]],
  ])("distances %s give a probability between 0 and the share", (_name, distances) => {
    const tail = fitLowerTail({ distances, weights: distances.map(() => 1), limit: 0.5, totalWeight: 60 });
    for (let at = 0; at < 0.7; at += 0.01) {
      const rate = tail ? tailProbability(tail, at) : Number.NaN;
      expect(rate).toBeGreaterThanOrEqual(0);
      expect(rate).toBeLessThanOrEqual(0.1 + 1e-12);
    }
  });
});

test("tailProbability never falls as the distance grows", () => {
  for (const shape of [-0.2, 0, 0.2]) {
    const tail = { limit: 0.5, share: 0.1, shape, scale: 0.03, count: 50 };
    let before = 0;
    for (let at = 0; at <= 0.55; at += 0.005) {
      const rate = tailProbability(tail, at);
      expect(rate).toBeGreaterThanOrEqual(before);
      before = rate;
    }
    expect(before).toBe(0.1);
  }
});
