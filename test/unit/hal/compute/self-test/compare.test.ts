import { describe, expect, it } from "vitest";
import { deviation, referenceOf, sampleAt, tolerance } from "../../../../../src/hal/compute/self-test/compare.ts";

const sound = Float32Array.from({ length: 1000 }, (_, n) => Math.sin(n) * 4);
const reference = referenceOf({ embedding: sound });
const changed = (change: (value: number, n: number) => number) => ({ embedding: sound.map(change) });

describe("deviation", () => {
  it("is nothing for the same numbers, and next to nothing for rounding", () => {
    expect(deviation({ embedding: sound }, reference)).toBe(0);
    expect(
      deviation(
        changed((value) => value * (1 + 1e-6)),
        reference,
      ),
    ).toBeLessThan(2e-6);
  });

  it.each<[string, (value: number, n: number) => number]>([
    ["zeros", () => 0],
    ["one number for all", () => 1],
    ["not a number anywhere", (value, n) => (n === 501 ? Number.NaN : value)],
    ["infinity anywhere", (value, n) => (n === 17 ? Number.POSITIVE_INFINITY : value)],
    ["numbers in another order", (_, n) => Math.sin(999 - n) * 4],
    ["the last tenth left out", (value, n) => (n < 900 ? value : 0)],
    ["one wild number between the samples", (value, n) => (n === 501 ? 99 : value)],
    ["every other number wrong", (value, n) => (n % 2 === 0 ? value : 0)],
    ["one in a hundred off", (value) => value * 1.01],
    ["the sign turned", (value) => -value],
  ])("%s is beyond the tolerance", (_, change) => {
    expect(deviation(changed(change), reference)).toBeGreaterThan(tolerance);
  });

  it("sees the first and the last number", () => {
    expect(sampleAt(0, 64, 1000)).toBe(0);
    expect(sampleAt(63, 64, 1000)).toBe(999);
    for (const at of [0, 999]) {
      expect(
        deviation(
          changed((value, n) => (n === at ? value + 0.1 : value)),
          reference,
        ),
      ).toBeGreaterThan(tolerance);
    }
  });

  it("a probability near zero may be nearer or farther", () => {
    const small = referenceOf({ confidence: Float32Array.of(2.5e-4) });
    expect(deviation({ confidence: Float32Array.of(2.6e-4) }, small)).toBeLessThanOrEqual(tolerance);
    expect(deviation({ confidence: Float32Array.of(0.5) }, small)).toBeGreaterThan(tolerance);
  });

  it.each([
    ["a missing output", {}, "it has the outputs  instead of embedding"],
    ["another output", { points: sound }, "it has the outputs points instead of embedding"],
    ["a shorter output", { embedding: sound.subarray(1) }, "its output embedding has 999 numbers instead of 1000"],
  ])("%s is named", (_, outputs, message) => {
    expect(() => deviation(outputs, reference)).toThrow(message);
  });
});
