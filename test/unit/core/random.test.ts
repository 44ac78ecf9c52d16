import { expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../src/core/random.ts";

const draws = (random: () => number, n: number) => Array.from({ length: n }, random);

test("a seed gives the same numbers again, between 0 and 1, and another seed others", () => {
  const numbers = draws(seededRandom(7), 1000);
  expect(numbers).toEqual(draws(seededRandom(7), 1000));
  expect(numbers.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(new Set([...numbers, ...draws(seededRandom(8), 1000)]).size).toBe(2000);
});

test("a source of another seed that goes to a place written down goes on with the numbers from there", () => {
  const first = seededRandom(7);
  draws(first, 123);
  gaussian(first);
  const place = first.place();
  const second = seededRandom(99);
  draws(second, 5);
  second.goTo(JSON.parse(JSON.stringify(place)));
  expect(draws(second, 50)).toEqual(draws(first, 50));
  expect(second.place()).toBe(first.place());
});
