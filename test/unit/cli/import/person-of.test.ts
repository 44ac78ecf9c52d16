import { expect, test } from "vitest";
import { isPictureName, personOf } from "../../../../src/cli/import/person-of.ts";

test.each([
  ["Dana Novak/1.jpg", "dana-novak", "Dana Novak"],
  ["Dana Novak.jpg", "dana-novak", "Dana Novak"],
  ["Dana Novak/holiday/1.jpg", "dana-novak", "Dana Novak"],
  ["Jörg Müßig/1.png", "jorg-mu-ig", "Jörg Müßig"],
  ["  spaces  /1.jpg", "spaces", "spaces"],
  ["../1.jpg", null, null],
  ["42/1.jpg", "42", "42"],
  ["a.b_c-d/1.jpg", "a.b_c-d", "a.b_c-d"],
  ["José/1.jpg", "jose", "José"],
  ["李雷/1.jpg", null, null],
  [".jpg", null, null],
  [`${"x".repeat(80)}/1.jpg`, "x".repeat(64), "x".repeat(80)],
])("%s is a picture of %s", (path, id, name) => {
  expect(personOf(path)).toEqual(id === null ? null : { id, name });
});

test.each([
  ["a.jpg", true],
  ["a.JPEG", true],
  ["a.png", true],
  ["a.webp", true],
  ["notes.txt", false],
  ["jpg", false],
  ["a.jpg.exe", false],
])("a file called %s is looked at: %s", (name, isPicture) => {
  expect(isPictureName(name)).toBe(isPicture);
});
