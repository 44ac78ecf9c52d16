import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { median, theilSen } from "../../../../src/pipeline/calibration/theil-sen.ts";

const line = (values: readonly number[]) => values.map((y, x) => ({ x, y }));

describe("theilSen", () => {
  test("finds a line, and stays on it when three of ten points are anything at all", () => {
    const values = Array.from({ length: 10 }, (_, x) => 1 + 0.5 * x);
    expect(theilSen(line(values))).toMatchObject({ slope: 0.5, atZero: 1 });
    const spoilt = values.with(2, 90).with(5, -40).with(6, 70);
    expect(theilSen(line(spoilt))?.slope).toBeCloseTo(0.5, 1);
  });

  test.each([0, 1, 2, 3, 4])("%i points allow no interval of 95 %", (count) => {
    expect(theilSen(line([1, 2, 4, 8].slice(0, count)))).toBeNull();
  });

  test("five points must all rise, one pair of six may fall", () => {
    expect(theilSen(line([1, 2, 3, 4, 5]))?.interval[0]).toBeGreaterThan(0);
    expect(theilSen(line([1, 2, 4, 3, 5]))?.interval[0]).toBeLessThan(0);
    expect(theilSen(line([1, 2, 4, 3, 5, 6]))?.interval[0]).toBeGreaterThan(-1);
    // Tables of Kendall's statistic: at ten points 11 of the 45 slopes may be left out at either end.
    const ten = line([3, 1, 4, 1.5, 5, 9, 2, 6, 5.5, 3.5]);
    const slopes = ten.flatMap((a, i) => ten.slice(i + 1).map((b) => (b.y - a.y) / (b.x - a.x))).sort((p, q) => p - q);
    expect(theilSen(ten)?.interval).toEqual([slopes[11], slopes[33]]);
  });

  test("the interval holds the true slope as often as it says", () => {
    const random = seededRandom(4);
    let held = 0;
    const trials = 2000;
    for (let trial = 0; trial < trials; trial++) {
      const points = Array.from({ length: 8 }, (_, x) => ({ x, y: 0.3 * x + gaussian(random) }));
      const [low, high] = theilSen(points)?.interval ?? [1, 0];
      if (low <= 0.3 && 0.3 <= high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.95);
    expect(held / trials).toBeLessThan(0.98);
  });

  test("a shift and a scale of the values shift and scale the line, whatever the values", () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 14 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 9 }), (some, factor) => {
        const plain = theilSen(line(some));
        const scaled = theilSen(line(some.map((y) => factor * y + 7)));
        expect(scaled?.slope).toBeCloseTo((plain?.slope ?? 0) * factor, 6);
        expect(scaled?.atZero).toBeCloseTo((plain?.atZero ?? 0) * factor + 7, 6);
        expect((plain?.interval[0] ?? 1) <= (plain?.slope ?? 0)).toBe(true);
      }),
    );
  });
});

test("the median of one, of three and of four values", () => {
  expect([median([3]), median([5, 1, 3]), median([4, 1, 3, 2])]).toEqual([3, 3, 2.5]);
  expect(() => median([])).toThrow(RangeError);
});
