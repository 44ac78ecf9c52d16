import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { compareTimes, isRefused, medianBounds } from "../../../../src/lab/bench/gate.ts";

const options = { tolerance: 0.1 };

/** Rounds of two versions on a machine whose speed wanders, and that sometimes stumbles. */
function rounds(count: number, { slower, seed, noise = 0.03 }: { slower: number; seed: number; noise?: number }) {
  const random = seededRandom(seed);
  const before: number[] = [];
  const after: number[] = [];
  for (let n = 0; n < count; n++) {
    const speed = 10 * (1 + 0.5 * Math.sin(n));
    const shaken = () => Math.exp(gaussian(random) * noise) * (random() < 0.1 ? 3 : 1);
    before.push(speed * shaken());
    after.push(speed * slower * shaken());
  }
  return { before, after };
}

describe("bounds of a median", () => {
  test.each([
    [5, [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]],
    [6, [1, 6]],
    [8, [1, 8]],
    [9, [2, 8]],
    [12, [3, 10]],
    [20, [6, 15]],
  ])("of %d values are those of the tables", (n, bounds) => {
    expect(medianBounds(Array.from({ length: n }, (_, i) => n - i))).toEqual(bounds);
  });

  test("of nothing say nothing", () => {
    expect(medianBounds([])).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });
});

describe("the gate", () => {
  const verdictOf = (times: { before: number[]; after: number[] }) =>
    compareTimes({ frame: times }, options)[0]?.verdict;

  test("refuses what has become a third slower: always on a steady machine, nearly always on one that stumbles", () => {
    const verdicts = Array.from({ length: 100 }, (_, seed) => verdictOf(rounds(12, { slower: 1.35, seed })));
    expect(verdicts.filter((verdict) => verdict === "slower").length).toBeGreaterThanOrEqual(90);
    const steady = { before: Array(12).fill(10), after: Array(12).fill(13.5) };
    expect(verdictOf(steady)).toBe("slower");
  });

  test("refuses what is as fast as before in at most two of a thousand runs, also where the machine stumbles", () => {
    const refused = Array.from({ length: 1000 }, (_, seed) => verdictOf(rounds(12, { slower: 1, seed, noise: 0.1 })));
    expect(refused.filter((verdict) => verdict === "slower").length).toBeLessThanOrEqual(2);
  });

  test.each([
    [0.7, "faster"],
    [1, "as-before"],
  ])("calls times %d %s", (slower, verdict) => {
    expect(verdictOf(rounds(20, { slower, seed: 4, noise: 0.01 }))).toBe(verdict);
  });

  test("is unsure, and refuses nothing, when the rounds are too few or too noisy", () => {
    expect(verdictOf(rounds(5, { slower: 2, seed: 1 }))).toBe("unsure");
    expect(verdictOf(rounds(8, { slower: 1.1, seed: 1, noise: 0.4 }))).toBe("unsure");
    expect(isRefused(compareTimes({ frame: rounds(5, { slower: 2, seed: 1 }) }, options))).toBe(false);
  });

  test("one slower stage among good ones is enough", () => {
    const all = { detect: rounds(12, { slower: 1, seed: 2 }), embed: rounds(12, { slower: 1.5, seed: 3 }) };
    expect(isRefused(compareTimes(all, options))).toBe(true);
  });

  test("a ratio is of neighbours: a machine that slows down for both changes nothing", () => {
    const before = [1, 2, 4, 8, 16, 32, 64];
    const [found] = compareTimes({ frame: { before, after: before.map((ms) => ms * 1.05) } }, options);
    expect(found?.ratio).toBeCloseTo(1.05, 10);
    expect(found?.verdict).toBe("as-before");
  });

  test.each([
    ["of different numbers", [1, 2], [1]],
    ["of none", [], []],
    ["with no time in them", [0, 1], [1, 1]],
    ["that are no numbers", [Number.NaN], [1]],
  ])("rounds %s are an error", (_what, before, after) => {
    expect(() => compareTimes({ frame: { before, after } }, options)).toThrow(RangeError);
  });
});
