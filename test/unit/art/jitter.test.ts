import { expect, test } from "vitest";
import { rolled, shiftAt, unrolled } from "../../../src/art/jitter.ts";
import { randomPlanes } from "../../support/art-networks.ts";

test("what leaves at one side comes in at the other", () => {
  const planes = { data: Float32Array.from([...[1, 2, 3], ...[4, 5, 6], ...Array(12).fill(0)]), width: 3, height: 2 };
  expect(Array.from(rolled(planes, { x: 1, y: 1 }).subarray(0, 6))).toEqual([5, 6, 4, 2, 3, 1]);
});

test.each([
  [0, 0],
  [3, 1],
  [40, 33],
])("moved round by %d and %d and back it is as it was", (x, y) => {
  const planes = randomPlanes(7, 5, 1);
  expect(unrolled({ ...planes, data: rolled(planes, { x, y }) }, { x, y })).toEqual(planes.data);
});

test("the shift follows from seed and step, and both change it", () => {
  const all = [1, 2].flatMap((seed) => Array.from({ length: 20 }, (_, step) => shiftAt(seed, step)));
  expect(new Set(all.map(({ x, y }) => `${x} ${y}`)).size).toBeGreaterThan(30);
  for (const { x, y } of all) expect(Math.min(x, y) >= 0 && Math.max(x, y) < 32).toBe(true);
  expect(shiftAt(1, 5)).toEqual(shiftAt(1, 5));
});
