import { describe, expect, test } from "vitest";
import {
  type SetStatistics,
  shippedFalseMatchRate,
  shippedRefusalRate,
  shippedStatistics,
} from "../../../../src/pipeline/calibration/shipped-statistics.ts";

const set: SetStatistics = {
  ...{ name: "made", people: 10, pictures: 20, impostorLooks: 1000 },
  impostor: [
    [0.1, 0.6],
    [0.01, 0.5],
  ],
  genuine: [
    [0.5, 0.3],
    [0.05, 0.4],
  ],
};

describe("shippedFalseMatchRate", () => {
  test.each([
    [0.6, 0.1],
    [0.5, 0.01],
    [0.55, Math.sqrt(0.001)],
    [0.455, 0.001],
    [0.7, 1],
  ])("at %d it is %d", (distance, rate) => {
    expect(shippedFalseMatchRate(distance, 3, [set])).toBeCloseTo(rate, 10);
  });

  test.each([
    [1, 0.01],
    [2, 0.01],
    [3, 0.01],
    [6, 0.02],
    [1000, 1],
  ])("somebody known by %d templates is mistaken with %d: never less than with three", (templates, rate) => {
    expect(shippedFalseMatchRate(0.5, templates, [set])).toBeCloseTo(rate, 10);
  });

  test("of the shipped sets grows with the distance from next to nothing to certainty", () => {
    let before = 0;
    for (let at = 0.1; at <= 0.9; at += 0.005) {
      const rate = shippedFalseMatchRate(at);
      expect(rate).toBeGreaterThanOrEqual(before);
      before = rate;
    }
    expect(shippedFalseMatchRate(0.2)).toBeLessThan(1e-6);
    expect(before).toBe(1);
  });
});

describe("shippedRefusalRate", () => {
  test("falls as the threshold grows", () => {
    expect(shippedRefusalRate(0.3, [set])).toBeCloseTo(0.5, 10);
    expect(shippedRefusalRate(0.4, [set])).toBeCloseTo(0.05, 10);
    expect(shippedRefusalRate(0.1, [set])).toBe(1);
    expect(shippedRefusalRate(0.6)).toBeLessThan(0.001);
  });
});

test("no rate is shipped that fewer than three looks stand behind", () => {
  for (const { impostor, impostorLooks } of shippedStatistics) {
    for (const [rate] of impostor) expect(rate * impostorLooks).toBeGreaterThanOrEqual(3);
  }
});

test("the points of each set go from frequent to rare", () => {
  for (const { impostor, genuine } of shippedStatistics) {
    for (const [points, direction] of [
      [impostor, -1],
      [genuine, 1],
    ] as const) {
      for (let i = 1; i < points.length; i++) {
        expect(points[i]?.[0]).toBeLessThan(points[i - 1]?.[0] ?? 0);
        expect(((points[i]?.[1] ?? 0) - (points[i - 1]?.[1] ?? 0)) * direction).toBeGreaterThan(0);
      }
    }
  }
});
