import { describe, expect, test } from "vitest";
import type { PersonFields } from "../../../../src/daemon/api.ts";
import {
  accessFields,
  applyFields,
  changedFields,
  checkId,
  defaultValues,
} from "../../../../src/daemon/people/fields.ts";

const before = defaultValues("dana");

describe("ids", () => {
  test.each(["a", "0", "dana", "dana.novak", "d_n-2", "x".repeat(64)])("%s is an id", (id) => {
    expect(() => checkId(id)).not.toThrow();
  });

  test.each([
    "",
    " ",
    "Dana",
    ".dana",
    "-dana",
    "_dana",
    "dana novak",
    "dana/novak",
    "../dana",
    "dana\n",
    "dana\u0000",
    "dána",
    "x".repeat(65),
    "#",
    "+",
    "__proto__",
  ])("%j is refused in one printable line", (id) => {
    expect(() => checkId(id)).toThrow(expect.objectContaining({ code: "LINTEL_E_REQUEST" }));
    try {
      checkId(id);
    } catch (error) {
      expect((error as Error).message).toMatch(/^[\x20-\x7e…]{1,120}$/);
    }
  });
});

describe("fields of a person", () => {
  test.each<[string, PersonFields]>([
    ["an empty name", { name: "" }],
    ["a name of blanks", { name: "   " }],
    ["a name of 101 characters", { name: "x".repeat(101) }],
    ["a line break in the name", { name: "Dana\nNovak" }],
    ["a null character", { name: "Dana\u0000" }],
    ["an escape sequence", { name: "\u001b[2JDana" }],
    ["a mark that turns the text around", { name: "Dana\u202egnp.exe" }],
    ["a line separator", { name: "Dana\u2028Novak" }],
    ["an empty consent", { consent: "" }],
    ["a long consent", { consent: "x".repeat(201) }],
    ["a group with a blank", { groups: ["night shift"] }],
    ["an empty group", { groups: [""] }],
    ["33 groups", { groups: Array.from({ length: 33 }, (_, i) => `g${i}`) }],
    ["a date without time", { validFrom: "2031-05-01" }],
    ["a time without zone", { validFrom: "2031-05-01T08:00:00" }],
    ["a month that is none", { validFrom: "2031-13-01T08:00:00Z" }],
    ["words", { validUntil: "tomorrow" }],
    ["an end before the start", { validFrom: "2031-05-02T00:00:00Z", validUntil: "2031-05-01T00:00:00Z" }],
    ["an end at the start", { validFrom: "2031-05-01T00:00:00Z", validUntil: "2031-05-01T00:00:00Z" }],
    ["zero seconds", { openSeconds: 0 }],
    ["256 seconds", { openSeconds: 256 }],
    ["half a second", { openSeconds: 0.5 }],
    ["no number", { openSeconds: Number.NaN }],
  ])("%s is refused", (_name, fields) => {
    expect(() => applyFields(before, fields)).toThrow(expect.objectContaining({ code: "LINTEL_E_REQUEST" }));
  });

  test("what is left out stays, null clears", () => {
    const filled = applyFields(before, {
      name: "  Dana Nováková ",
      groups: ["staff", "Night", "staff"],
      consent: "C-17",
      validFrom: "2031-05-01T08:00:00+02:00",
      openSeconds: 255,
    });
    expect(filled).toEqual({
      name: "Dana Nováková",
      enabled: true,
      groups: ["staff", "Night"],
      consent: "C-17",
      validFrom: "2031-05-01T06:00:00.000Z",
      validUntil: null,
      openSeconds: 255,
    });
    expect(applyFields(filled, {})).toEqual(filled);
    expect(applyFields(filled, { consent: null, validFrom: null, openSeconds: null, enabled: false })).toEqual({
      ...filled,
      consent: null,
      validFrom: null,
      openSeconds: null,
      enabled: false,
    });
  });

  test("how a person wants to be greeted stays until the house is to decide again", () => {
    const chosen = applyFields(before, { greet: "none" });
    expect(chosen.greet).toBe("none");
    expect(applyFields(chosen, { name: "Dana" }).greet).toBe("none");
    expect(applyFields(chosen, { greet: null })).toEqual(before);
    expect(changedFields(before, chosen)).toEqual(["greet"]);
  });

  test("how a person is greeted says nothing about who may pass", () => {
    expect(accessFields(undefined, { greet: "name" })).toEqual([]);
  });

  test("a new start is judged against the end that was set before", () => {
    const ending = applyFields(before, { validUntil: "2031-05-01T00:00:00Z" });
    expect(() => applyFields(ending, { validFrom: "2031-06-01T00:00:00Z" })).toThrow("validUntil");
  });
});
