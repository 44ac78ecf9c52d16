import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { euclidean } from "../../../../src/pipeline/matching/matrix.ts";
import { finished, population, siteOf } from "../../../support/site-kit.ts";

/** People on a line: the distance of two templates is that of their numbers. */
const line = (people: Record<string, number[]>) =>
  finished({ people: new Map(Object.entries(people)), distance: (a: number, b: number) => Math.abs(a - b) });

describe("siteDistances", () => {
  test("holds each template against the nearest of every other person", () => {
    const site = line({ ann: [0, 0.1], bob: [0.5, 0.6], cy: [1.05] });
    expect(site).toMatchObject({ people: ["ann", "bob", "cy"], templates: 5, pairs: 3 });
    const found = [...site.impostor.distances].map((distance) => Number(distance.toFixed(3)));
    // ann to bob 0.5 and 0.4, bob to ann 0.4 and 0.5, bob to cy 0.55 and 0.45, cy to bob 0.45; the rest is far.
    expect(found).toEqual([0.4, 0.4, 0.45, 0.45, 0.5, 0.5, 0.55]);
    expect(site.impostor.totalWeight).toBeCloseTo(6, 10);
    expect(site.nearest.map((other) => other?.person)).toEqual(["bob", "ann", "bob"]);
    expect(site.nearest[0]?.distance).toBeCloseTo(0.4, 10);
  });

  test("knows how near the pictures of one person are to each other, and to the next person", () => {
    const site = line({ ann: [0, 0.1], bob: [0.5] });
    expect(site.genuine.map(({ person, distance, nearestOther }) => [person, distance, nearestOther])).toEqual([
      [0, 0.1, 0.5],
      [0, 0.1, 0.4],
    ]);
  });

  test("one face under two names is told, and takes no part in the tail", () => {
    const site = line({ ann: [0], again: [0.1], bob: [0.55], cy: [1.2] });
    expect(site.sameFace).toEqual([{ people: ["ann", "again"], distance: 0.1 }]);
    expect(Math.min(...site.impostor.distances)).toBeCloseTo(0.45, 6);
    // Twelve comparisons but the two of the pair.
    expect(site.impostor.totalWeight).toBeCloseTo(10, 10);
    expect(site.nearest[0]).toEqual({ person: "again", distance: 0.1 });
  });

  test("a template that cannot be compared is left out", () => {
    const site = line({ ann: [0], broken: [Number.NaN], bob: [0.5] });
    expect(site.impostor.distances).toHaveLength(2);
    expect(site.nearest.map((other) => other?.person ?? null)).toEqual(["bob", null, "ann"]);
  });

  test.each([[{}], [{ ann: [0] }]])("a gallery of %j is no reason to fail", (people) => {
    expect(line(people).impostor.distances).toHaveLength(0);
  });

  test("of a thousand people a part is held against all", () => {
    const people = new Map(Array.from({ length: 1000 }, (_, i) => [`p${i}`, [i]]));
    const site = finished({ people, distance: () => 0.45 });
    expect(site.impostor.distances).toHaveLength(500 * 999);
    expect(site.pairs).toBe((500 * 499) / 2 + 500 * 500);
  });

  test("look-alikes are found among all of a thousand people", () => {
    // Two and two are 0.4 apart, and far from everybody else.
    const people = new Map(Array.from({ length: 1000 }, (_, i) => [`p${i}`, [Math.floor(i / 2) * 10 + (i % 2) * 0.4]]));
    const site = finished({ people, distance: (a, b) => Math.abs(a - b) });
    expect(site.nearest.every((other, i) => other?.person === `p${i ^ 1}`)).toBe(true);
  });

  test("one face under two names is found among all of a thousand people", () => {
    const people = new Map(Array.from({ length: 1000 }, (_, i) => [`p${i}`, [Math.floor(i / 2) * 10]]));
    expect(finished({ people, distance: (a, b) => Math.abs(a - b) }).sameFace).toHaveLength(500);
  });

  test("what is beyond the limit may be told as any distance above it", () => {
    const people = population({ people: 30 }, seededRandom(8));
    const exact = finished({ people, distance: euclidean });
    const hasty = finished({
      people,
      distance: (a, b, limit) => (euclidean(a, b) > limit ? Number.POSITIVE_INFINITY : euclidean(a, b)),
    });
    expect(exact.impostor.distances.length).toBeGreaterThan(100);
    expect({ ...hasty, genuine: [] }).toEqual({ ...exact, genuine: [] });
  });

  test("everybody counts alike, however many pictures they have", () => {
    const { impostor } = siteOf(
      new Map(
        [...population({ people: 10 }, seededRandom(3))].map(([id, all], i) => [id, i === 0 ? all : all.slice(0, 1)]),
      ),
    );
    expect(impostor.totalWeight).toBeCloseTo(90, 5);
  });
});
