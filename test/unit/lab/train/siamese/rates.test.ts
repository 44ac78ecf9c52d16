import { expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../../src/core/random.ts";
import { differenceOf, type HeldVectors, measure, ratesOf } from "../../../../../src/lab/train/siamese/rates.ts";

/** People as points, pictures as the points with noise. */
function held({ noise, people = [0, 12], seed = 1 }: { noise: number; people?: [number, number]; seed?: number }) {
  const random = seededRandom(seed);
  const rows: number[] = [];
  const labels: number[] = [];
  for (let person = people[0]; person < people[1]; person++) {
    const centre = Array.from({ length: 4 }, () => gaussian(random));
    for (let picture = 0; picture < 4; picture++) {
      rows.push(...centre.map((value) => value + gaussian(random) * noise));
      labels.push(person);
    }
  }
  return { rows: Float32Array.from(rows), labels } satisfies HeldVectors;
}

test("vectors that tell everybody apart have no errors, those of chance half", () => {
  expect(ratesOf([held({ noise: 0.001 })])).toEqual({ eer: 0, auc: 1, fnmrAtFmr1e2: 0 });
  const chance = ratesOf([held({ noise: 1e6 })]);
  expect(chance.auc).toBeGreaterThan(0.4);
  expect(chance.auc).toBeLessThan(0.6);
  expect(chance.eer).toBeGreaterThan(0.4);
  expect(chance.eer).toBeLessThan(0.6);
});

test("vectors of two networks are never compared with each other", () => {
  const part = held({ noise: 0.001 });
  // The same places for other people: as one part, half of the pairs of two people would have no distance.
  const other = { ...part, labels: part.labels.map((label) => label + 12) };
  expect(ratesOf([part, other]).eer).toBe(0);
});

test("an interval holds its rate, and becomes narrower with more people", () => {
  const [few, many] = [held({ noise: 0.6 }), held({ noise: 0.6, people: [0, 60] })].map((part) => measure([part], 1));
  for (const found of [few, many]) {
    for (const rate of ["eer", "auc"] as const) {
      expect(found?.intervals[rate][0]).toBeLessThan(found?.[rate] ?? Number.NaN);
      expect(found?.intervals[rate][1]).toBeGreaterThan(found?.[rate] ?? Number.NaN);
    }
  }
  const width = (found = few) => (found ? found.intervals.auc[1] - found.intervals.auc[0] : Number.NaN);
  expect(width(many)).toBeLessThan(width(few) * 0.7);
});

test("the difference draws the same people for both: of one with itself it is nothing, and of a little better it is sure", () => {
  const [worse, better] = [held({ noise: 0.6 }), held({ noise: 0.45 })];
  expect(differenceOf({ one: [worse], other: [worse] }, 1)).toEqual({
    ...{ eer: 0, auc: 0 },
    intervals: { eer: [0, 0], auc: [0, 0] },
  });
  const difference = differenceOf({ one: [better], other: [worse] }, 1);
  expect(difference.auc).toBeCloseTo(ratesOf([better]).auc - ratesOf([worse]).auc, 12);
  const [low, high] = difference.intervals.auc;
  expect(low).toBeGreaterThan(0);
  // Apart the two intervals overlap.
  expect(measure([better], 1).intervals.auc[0]).toBeLessThan(measure([worse], 1).intervals.auc[1]);
  expect(high).toBeGreaterThan(difference.auc);
});
