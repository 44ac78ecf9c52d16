import { describe, expect, it } from "vitest";
import { clopperPearson } from "../../../../src/lab/liveness/clopper-pearson.ts";

describe("the exact interval of a proportion", () => {
  // Quantiles of the beta distribution, as statistical tables give them.
  it.each([
    [0, 10, 0, 0.3085],
    [1, 10, 0.0025, 0.445],
    [5, 10, 0.1871, 0.8129],
    [10, 10, 0.6915, 1],
    [0, 60, 0, 0.0596],
    [0, 300, 0, 0.0122],
    [3, 300, 0.0021, 0.0289],
    [1, 1, 0.025, 1],
  ])("%i of %i is between the tabled bounds", (count, trials, low, high) => {
    const interval = clopperPearson(count, trials);
    expect(interval[0]).toBeCloseTo(low, 3);
    expect(interval[1]).toBeCloseTo(high, 3);
  });

  it("promises nothing without trials", () => {
    expect(clopperPearson(0, 0)).toEqual([0, 1]);
  });

  it("does not underflow with many trials, and its two sides mirror each other", () => {
    const [low, high] = clopperPearson(2_500, 5_000);
    expect(low).toBeCloseTo(0.486, 2);
    expect(low + high).toBeCloseTo(1, 6);
  });
});
