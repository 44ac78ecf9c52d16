import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { measureOpenSet, openSetDefaults } from "../../../../src/lab/evaluate/open-set.ts";
import { euclidean } from "../../../../src/pipeline/matching/matrix.ts";
import { population } from "../../../support/site-kit.ts";

const options = { ...openSetDefaults, splits: 5, targets: [1e-1, 1e-2, 1e-3] };
const measure = (people: readonly (readonly (Float32Array | null)[])[]) => measureOpenSet(people, euclidean, options);
const somePeople = (people: number, settings = {}) => [
  ...population({ people, templates: 8, ...settings }, seededRandom(5)).values(),
];

describe("measureOpenSet", () => {
  test("people who are far apart: nobody is mistaken, and the bound follows from the pictures", () => {
    const found = measure(somePeople(20, { apart: 1.2, scatter: 0.15 }));
    expect(found).toMatchObject({ galleryPeople: 10, templates: 3, splits: 5, strangers: 20, strangerPictures: 160 });
    const [, row] = found?.rows ?? [];
    expect(row?.fpir).toBe(0);
    expect(row?.fnir).toBe(0);
    expect(row?.fpirInterval?.[0]).toBe(0);
    expect(row?.fpirInterval?.[1]).toBeCloseTo(1 - 0.025 ** (1 / 160), 6);
  });

  test("what too few pictures stand behind is not measured", () => {
    const rows = measure(somePeople(20))?.rows ?? [];
    expect(rows.map(({ fpir }) => fpir === null)).toEqual([false, false, true]);
    expect(rows.map(({ fpirInterval }) => fpirInterval === null)).toEqual([false, false, true]);
  });

  test("a smaller target lets fewer strangers in and refuses more of the others", () => {
    const rows = measure(somePeople(40, { apart: 0.6, scatter: 0.36 }))?.rows ?? [];
    expect(rows[0]?.threshold).toBeGreaterThan(rows[1]?.threshold ?? 1);
    expect(rows[0]?.fpir).toBeGreaterThan(rows[1]?.fpir ?? 1);
    expect(rows[0]?.fnir).toBeLessThan(rows[2]?.fnir ?? 0);
    const [low = 1, high = 0] = rows[0]?.fpirInterval ?? [];
    expect(low).toBeLessThan(rows[0]?.fpir ?? 0);
    expect(high).toBeGreaterThan(rows[0]?.fpir ?? 1);
  });

  test("a picture that cannot be used is refused, as a stranger's and as one's own", () => {
    const people = somePeople(12, { apart: 1.2, scatter: 0.1 }).map((files) => [...files, null, null, null, null]);
    const found = measure(people);
    expect(found?.strangerPictures).toBe(96);
    expect(found?.rows[0]?.fpir).toBe(0);
    expect(found?.rows[0]?.fnir).toBeGreaterThan(0.3);
    expect(found?.rows[0]?.fnir).toBeLessThan(0.5);
  });

  test("fewer than four people are no gallery with strangers", () => {
    expect(measure(somePeople(3))).toBeUndefined();
    expect(measure(somePeople(4))?.galleryPeople).toBe(2);
  });

  test("the same people give the same figures", () => {
    expect(measure(somePeople(10))).toEqual(measure(somePeople(10)));
  });
});
