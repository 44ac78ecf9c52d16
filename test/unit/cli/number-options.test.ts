import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { positiveNumber, wholeNumber } from "../../../src/cli/number-options.ts";

describe("an option that counts", () => {
  it.each([
    ["0", 0],
    ["7", 7],
    ["010", 10],
    ["9007199254740991", 9007199254740991],
  ])("takes %j for %d", (text, value) => {
    expect(wholeNumber()(text)).toBe(value);
  });

  it("takes its own bounds, and nothing beside them", () => {
    const seconds = wholeNumber({ from: 10, to: 600 });
    expect([seconds("10"), seconds("600")]).toEqual([10, 600]);
    for (const text of ["9", "601"]) expect(() => seconds(text)).toThrow("It must be a whole number from 10 to 600.");
  });

  it.each(["", " ", "-1", "+1", "1.5", "1e3", "0x10", " 7", "7 ", "seven", "NaN", "Infinity", "9007199254740992"])(
    "takes %j for no number rather than for some other",
    (text) => {
      expect(() => wholeNumber()(text)).toThrow(InvalidArgumentError);
    },
  );

  it("says from where on it counts where it has no end", () => {
    expect(() => wholeNumber({ from: 1 })("0")).toThrow("It must be a whole number from 1 on.");
  });
});

describe("an option that measures", () => {
  it.each([
    ["0.05", 0.05],
    ["1e-3", 0.001],
    ["5", 5],
  ])("takes %j for %d", (text, value) => {
    expect(positiveNumber({ to: 5 })(text)).toBe(value);
  });

  it.each(["", " ", "0", "-1", "5.1", "five", "NaN", "Infinity"])("does not take %j", (text) => {
    expect(() => positiveNumber({ to: 5 })(text)).toThrow("It must be a number above 0, up to 5.");
  });

  it.each(["0", "Infinity", "1e999"])("does not take %j where it has no end", (text) => {
    expect(() => positiveNumber()(text)).toThrow("It must be a number above 0.");
  });
});
