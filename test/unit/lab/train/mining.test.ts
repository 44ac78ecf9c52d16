import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { drawBatch, folds, placesByLabel } from "../../../../src/lab/train/batches.ts";
import { mineTriplets, squaredDistances } from "../../../../src/lab/train/mining.ts";

const random = seededRandom(1);
const labels = [0, 0, 0, 1, 1, 2, 2, 2, 3];
const rows = Float32Array.from({ length: labels.length * 4 }, () => gaussian(random) * 0.5);
const squared = squaredDistances(rows, 4);
const at = (i: number, j: number) => squared[i * labels.length + j] ?? Number.NaN;

test("squared distances are those of the rows, both ways", () => {
  expect(at(2, 5)).toBeCloseTo(
    [0, 1, 2, 3].reduce((sum, k) => sum + ((rows[8 + k] ?? 0) - (rows[20 + k] ?? 0)) ** 2, 0),
    6,
  );
  expect(at(5, 2)).toBe(at(2, 5));
  expect(at(3, 3)).toBe(0);
});

describe.each(["random", "semi-hard", "hard"] as const)("%s mining", (mining) => {
  const triplets = mineTriplets(squared, labels, { mining, margin: 0.6, random: seededRandom(2) });

  test("sets two different pictures of one person against one of another", () => {
    expect(triplets.length).toBeGreaterThan(0);
    for (const { anchor, positive, negative } of triplets) {
      expect(labels[positive]).toBe(labels[anchor]);
      expect(positive).not.toBe(anchor);
      expect(labels[negative]).not.toBe(labels[anchor]);
    }
  });

  test("takes each ordered pair of one person once at most", () => {
    const pairs = triplets.map(({ anchor, positive }) => `${anchor} ${positive}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    if (mining !== "semi-hard") expect(pairs).toHaveLength(6 + 2 + 6);
  });
});

test("hard mining takes the nearest picture of anybody else", () => {
  for (const { anchor, negative } of mineTriplets(squared, labels, { mining: "hard", margin: 0.2, random })) {
    labels.forEach((label, i) => {
      if (label !== labels[anchor]) expect(at(anchor, negative)).toBeLessThanOrEqual(at(anchor, i));
    });
  }
});

describe("semi-hard mining", () => {
  /** Two pictures of one person and four of others; only the first anchor's distances differ from far away. */
  function negativesOf(first: { positive: number; others: readonly number[] }): Set<number> {
    const table = new Float32Array(36).fill(9);
    table.set([0, first.positive, ...first.others]);
    const found = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const options = { mining: "semi-hard", margin: 0.5, random: seededRandom(seed) } as const;
      for (const { anchor, negative } of mineTriplets(table, [0, 0, 1, 2, 3, 4], options)) {
        if (anchor === 0) found.add(negative);
      }
    }
    return found;
  }

  test.each([
    ["any that is farther than the positive but within the margin", [0.9, 1.1, 1.4, 1.6], [3, 4]],
    ["nothing at the bounds, which are not within", [0.9, 1, 1.5, 1.6], []],
    ["nothing where all others are beyond the margin", [1.5, 1.6, 1.7, 1.8], []],
    ["nothing where some are nearer and the rest beyond the margin", [0.2, 0.9, 1.7, 1.8], []],
    ["the farthest where all others are nearer than the positive", [0.9, 0.2, 0.95, 0.3], [4]],
  ] as const)("takes %s", (_, others, negatives) => {
    expect(negativesOf({ positive: 1, others })).toEqual(new Set(negatives));
  });
});

test("one person alone gives no triplets", () => {
  const alone = [0, 0, 0];
  for (const mining of ["random", "semi-hard", "hard"] as const) {
    expect(mineTriplets(new Float32Array(9), alone, { mining, margin: 0.2, random })).toEqual([]);
  }
});

describe("batches", () => {
  test("hold so many people with so many pictures, nobody with a single one", () => {
    const places = placesByLabel([0, 0, 0, 1, 1, 1, 2, 3, 3, 3]);
    for (let seed = 0; seed < 30; seed++) {
      const batch = drawBatch(places, { people: 2, pictures: 2 }, seededRandom(seed));
      expect(batch).toHaveLength(4);
      expect(new Set(batch).size).toBe(4);
      expect(batch).not.toContain(6);
    }
  });

  test("folds part the people: nobody is in two, nobody is left out, sizes differ by one at most", () => {
    for (const k of [2, 3, 5]) {
      const parts = folds(17, k, seededRandom(k));
      expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, i) => i));
      const sizes = parts.map((part) => part.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });
});
