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

test("semi-hard mining takes what is farther than the positive but within the margin, or nothing", () => {
  const found = mineTriplets(squared, labels, { mining: "semi-hard", margin: 0.6, random });
  for (const { anchor, positive, negative } of found) {
    expect(at(anchor, negative)).toBeGreaterThan(at(anchor, positive));
    expect(at(anchor, negative)).toBeLessThan(at(anchor, positive) + 0.6);
  }
  expect(mineTriplets(squared, labels, { mining: "semi-hard", margin: 1e-9, random })).toEqual([]);
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
