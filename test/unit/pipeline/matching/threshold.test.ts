import { describe, expect, test } from "vitest";
import { thresholdFor, uncalibrated } from "../../../../src/pipeline/matching/threshold.ts";

const door = { target: 1e-3, maxDistance: 0.6 };

describe("thresholdFor before calibration", () => {
  test.each([
    [0, 0],
    [1, 1],
    [3, 30],
    [150, 150],
    [150, 450],
  ])("%d people with %d templates in all get 0.40", (people, templates) => {
    expect(thresholdFor({ ...door, people, templates })).toBe(0.4);
  });

  test("ten times the templates cost one decade of the measured curve", () => {
    expect(thresholdFor({ ...door, people: 150, templates: 4500 })).toBeCloseTo(0.356, 6);
    expect(thresholdFor({ ...door, people: 1500, templates: 1500 })).toBeCloseTo(0.356, 6);
  });

  test("it never rises while people or templates grow", () => {
    let last = 1;
    for (let people = 1; people < 20_000; people = Math.ceil(people * 1.3)) {
      const threshold = thresholdFor({ ...door, people, templates: people * 4 });
      expect(threshold).toBeLessThanOrEqual(last);
      last = threshold;
    }
    expect(last).toBeGreaterThan(0.2);
    expect(last).toBeLessThan(0.34);
  });

  test("a stricter target tightens, a laxer one loosens by less", () => {
    const size = { people: 10, templates: 30, maxDistance: 0.6 };
    const strict = 0.4 - thresholdFor({ ...size, target: 1e-4 });
    const lax = thresholdFor({ ...size, target: 1e-2 }) - 0.4;
    expect(strict).toBeGreaterThan(lax);
    expect(lax).toBeGreaterThan(0);
  });

  test("the ceiling holds whatever the target", () => {
    expect(thresholdFor({ people: 1, templates: 1, target: 0.1, maxDistance: 0.41 })).toBe(0.41);
    expect(thresholdFor({ people: 1, templates: 1, target: 1e-3, maxDistance: 0.3 })).toBe(0.3);
  });
});

describe("thresholdFor after calibration", () => {
  const reference = { people: 20, templates: 60, target: 1e-3, threshold: 0.42 };

  test("the calibrated value holds up to the calibrated size and tightens beyond", () => {
    expect(thresholdFor({ ...door, people: 20, templates: 60, reference })).toBe(0.42);
    expect(thresholdFor({ ...door, people: 20, templates: 600, reference })).toBeCloseTo(0.376, 6);
  });

  test("a calibration without people is not divided by", () => {
    const empty = { ...uncalibrated, people: 0, templates: 0 };
    expect(thresholdFor({ ...door, people: 1, templates: 1, reference: empty })).toBe(0.4);
  });
});

test.each([
  ["target 0", { target: 0 }],
  ["target 1", { target: 1 }],
  ["target NaN", { target: Number.NaN }],
  ["negative people", { people: -1 }],
  ["NaN templates", { templates: Number.NaN }],
  ["ceiling 0", { maxDistance: 0 }],
  ["ceiling NaN", { maxDistance: Number.NaN }],
])("%s is refused instead of giving some threshold", (_name, wrong) => {
  expect(() => thresholdFor({ ...door, people: 1, templates: 1, ...wrong })).toThrow(RangeError);
});
