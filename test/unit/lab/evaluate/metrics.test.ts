import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { bootstrapIntervals, highestWithoutError, wilson } from "../../../../src/lab/evaluate/intervals.ts";
import {
  bestThreshold,
  byDistance,
  equalErrorRate,
  errorCurve,
  fnmrAtFmr,
  type ScoredPair,
} from "../../../../src/lab/evaluate/metrics.ts";
import { makeReport } from "../../../../src/lab/evaluate/report.ts";

function pairs(genuine: readonly number[], impostor: readonly number[]): ScoredPair[] {
  const scored = [
    ...genuine.map((distance) => ({ distance, isGenuine: true })),
    ...impostor.map((distance) => ({ distance, isGenuine: false })),
  ];
  return byDistance(scored.map((pair, i) => ({ ...pair, units: [i, i] as const })));
}

const never = Number.POSITIVE_INFINITY;

describe("error rates", () => {
  const cases: readonly (readonly [string, number[], number[], { eer: number; auc: number; accuracy: number }])[] = [
    ["apart", [0.1, 0.2], [0.6, 0.8], { eer: 0, auc: 1, accuracy: 1 }],
    ["the wrong way round", [0.6, 0.8], [0.1, 0.2], { eer: 1, auc: 0, accuracy: 0.5 }],
    ["all the same", [0.5, 0.5], [0.5, 0.5], { eer: 0.5, auc: 0.5, accuracy: 0.5 }],
    ["one of four crossed", [0.1, 0.2, 0.3, 0.7], [0.4, 0.8, 0.9, 1], { eer: 0.25, auc: 15 / 16, accuracy: 7 / 8 }],
    ["with a genuine pair that failed", [0.1, never], [0.6, 0.8], { eer: 0.5, auc: 0.5, accuracy: 0.75 }],
    ["with an impostor pair that failed", [0.1, 0.2], [0.6, never], { eer: 0, auc: 1, accuracy: 1 }],
  ];
  it.each(cases)("of distances that lie %s", (_, genuine, impostor, expected) => {
    const sorted = pairs(genuine, impostor);
    const curve = errorCurve(sorted);
    const best = bestThreshold(curve, { genuine: genuine.length, impostor: impostor.length });
    expect(curve.auc).toBeCloseTo(expected.auc, 9);
    expect(best.right / sorted.length).toBeCloseTo(expected.accuracy, 9);
    expect(equalErrorRate(curve)).toBeCloseTo(expected.eer, 9);
  });

  it("count a failed genuine pair as a non-match at every FMR", () => {
    const curve = errorCurve(pairs([0.1, 0.1, 0.1, never], [0.9, 0.9]));
    expect(fnmrAtFmr(curve, 1)).toBe(0.25);
    expect(fnmrAtFmr(curve, 0.01)).toBe(0.25);
  });

  it("take the loosest threshold that keeps the FMR, not one step more", () => {
    const impostor = Array.from({ length: 100 }, (_, i) => 0.4 + i / 100);
    const curve = errorCurve(pairs([0.1, 0.405, 0.415, 0.9], impostor));
    expect(fnmrAtFmr(curve, 0)).toBe(0.75);
    expect(fnmrAtFmr(curve, 0.01)).toBe(0.5);
    expect(fnmrAtFmr(curve, 0.02)).toBe(0.25);
  });

  it("put the best threshold between the pairs it divides", () => {
    const { threshold } = bestThreshold(errorCurve(pairs([0.1, 0.3], [0.5, 0.8])), { genuine: 2, impostor: 2 });
    expect(threshold).toBeCloseTo(0.4, 9);
  });

  it("weigh a pair of weight two as two pairs", () => {
    const once = pairs([0.1, 0.6], [0.5, 0.7]);
    const weights = Float64Array.from(once, ({ distance }) => (distance === 0.6 ? 2 : 1));
    const weighed = errorCurve(once, weights);
    const repeated = errorCurve(pairs([0.1, 0.6, 0.6], [0.5, 0.7]));
    expect(weighed.auc).toBeCloseTo(repeated.auc, 12);
    expect(weighed.points.map(({ fnmr }) => fnmr)).toEqual(repeated.points.map(({ fnmr }) => fnmr));
  });
});

describe("intervals", () => {
  it.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [10, 10, 0.7225, 1],
    [0, 0, 0, 1],
  ])("Wilson's for %i of %i", (count, trials, low, high) => {
    expect(wilson(count, trials)[0]).toBeCloseTo(low, 4);
    expect(wilson(count, trials)[1]).toBeCloseTo(high, 4);
  });

  it("without an error are about 3.7 / n wide", () => {
    expect(highestWithoutError(1000)).toBeCloseTo(0.00368, 5);
    expect(highestWithoutError(0)).toBe(1);
  });

  it("of a bootstrap hold the estimate, are the same for the same seed, and narrow with more pairs", () => {
    const random = seededRandom(3);
    const sample = (n: number) =>
      pairs(
        Array.from({ length: n }, () => 0.3 + 0.2 * random()),
        Array.from({ length: n }, () => 0.45 + 0.3 * random()),
      );
    const interval = (sorted: ScoredPair[]) =>
      bootstrapIntervals(sorted, [equalErrorRate], { replicates: 200, random: seededRandom(1) })[0] ?? [1, 0];
    const [few, many] = [sample(40), sample(1500)];
    const [low, high] = interval(many);
    const eer = equalErrorRate(errorCurve(many));
    expect(low).toBeLessThanOrEqual(eer);
    expect(high).toBeGreaterThanOrEqual(eer);
    expect(interval(many)).toEqual([low, high]);
    const [lowFew, highFew] = interval(few);
    expect(highFew - lowFew).toBeGreaterThan(2 * (high - low));
  });
});

describe("makeReport", () => {
  const evidence = (impostors: number) => ({
    pairs: pairs(
      [0.1, 0.2],
      Array.from({ length: impostors }, () => 0.9),
    ),
    failedToAcquire: [],
    identification: undefined,
  });

  it("says nothing about an FMR with fewer than 3 / FMR impostor pairs", () => {
    expect(makeReport(evidence(299)).fnmrAtFmr).toEqual({ "1e-2": null, "1e-3": null, "1e-4": null, "1e-5": null });
    expect(makeReport(evidence(300)).fnmrAtFmr).toEqual({ "1e-2": 0, "1e-3": null, "1e-4": null, "1e-5": null });
  });

  it("does not promise an error rate of zero for a few pairs without an error", () => {
    const { intervals } = makeReport(evidence(10));
    expect(intervals.eer[1]).toBeGreaterThan(0.8);
    expect(intervals.rank1).toBeNull();
  });

  it("has the keys that other programs rely on", () => {
    const keys = ["genuine", "impostor", "failedToAcquire", "eer", "auc", "fnmrAtFmr", "best", "rank1", "intervals"];
    expect(Object.keys(makeReport(evidence(5)))).toEqual(expect.arrayContaining(keys));
  });
});
