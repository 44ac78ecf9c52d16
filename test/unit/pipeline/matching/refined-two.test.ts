import fc from "fast-check";
import { expect, test } from "vitest";
import { refinedTwo } from "../../../../src/pipeline/matching/refined-two.ts";

const maxGain = 0.12;

/** Rows on a coarse grid, so that ties are common. */
const someRows = fc.array(
  fc.record({
    person: fc.nat(4),
    known: fc.nat(20).map((n) => n / 50),
    shift: fc.integer({ min: -6, max: 10 }).map((n) => n / 50),
  }),
  { minLength: 1, maxLength: 30 },
);

test("the same two are found as when every row is refined, ties included", () => {
  fc.assert(
    fc.property(someRows, (given) => {
      const rows = given.map(({ person, known, shift }, row) => ({
        row,
        person,
        least: known - maxGain,
        better: known + shift,
      }));
      const found = refinedTwo(rows, {
        refine: (row) => rows[row]?.better ?? Number.NaN,
        personOf: (row) => rows[row]?.person ?? -1,
      });
      const order = rows.toSorted((a, b) => a.better - b.better || a.row - b.row);
      const second = order.find(({ person }) => person !== order[0]?.person);
      expect(found?.first.row).toBe(order[0]?.row);
      expect(found?.second?.row).toBe(second?.row);
    }),
    { numRuns: 500, seed: 2 },
  );
});

test("rows that cannot become second are not refined", () => {
  const refined: number[] = [];
  const rows = [0.1, 0.2, 0.31, 0.33, 0.9].map((distance, row) => ({ row, distance, least: distance - maxGain }));
  const refine = (row: number) => {
    refined.push(row);
    return rows[row]?.distance ?? 0;
  };
  refinedTwo(rows, { personOf: (row) => row, refine });
  expect(refined).toEqual([0, 1, 2]);
});

test("a distance that is no number makes everything uncertain", () => {
  const rows = [0, 1, 2].map((row) => ({ row, least: 0.2 }));
  const refine = (row: number) => (row === 2 ? Number.NaN : 0.3);
  expect(refinedTwo(rows, { refine, personOf: (row) => row })).toBeNull();
});
