import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextPair } from "../../../../src/daemon/art/plan.ts";
import { brief } from "../../../support/art-kit.ts";

const files = (names: string, version = "1") => [...names].map((name) => ({ file: `${name}.jpg`, version }));
const done = (pairs: string, version = "1") =>
  pairs
    .split(" ")
    .filter((pair) => pair !== "")
    .map(([content, style]) => ({ brief: brief(`${content}.jpg`, `${style}.jpg`, version) }));

describe("the plan of the night", () => {
  it.each([
    ["nothing to paint", "", "xy", "", null],
    ["no manner to paint in", "ab", "", "", null],
    ["the first of each", "ab", "xy", "", "ax"],
    ["another photograph before another manner of the same", "ab", "xy", "ax", "by"],
    ["the pair that is left", "ab", "xy", "ax by bx", "ay"],
    ["everything has been painted", "ab", "xy", "ax ay bx by", null],
    ["a photograph that is new has its turn at once", "abc", "xy", "ax ay bx by", "cx"],
    ["a manner that is new is tried on all", "ab", "xyz", "ax ay bx by az", "bz"],
  ])("%s", (_what, contents, styles, past, expected) => {
    const pair = nextPair(files(contents), files(styles), done(past));
    expect(pair && `${pair.content.file[0]}${pair.style.file[0]}`).toBe(expected);
  });

  it("a file that was replaced under its name counts as new", () => {
    expect(nextPair(files("a", "2"), files("x", "2"), done("ax"))).not.toBeNull();
    expect(nextPair(files("a"), files("x"), done("ax"))).toBeNull();
  });

  it("textures without a photograph leave no gap in it", () => {
    const { content: _content, ...texture } = brief("a.jpg", "x.jpg");
    expect(nextPair(files("a"), files("x"), [{ brief: texture }])).not.toBeNull();
  });

  it("paints every pair once and then ends, whatever the folders hold", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), (contents, styles) => {
        const past: { brief: ReturnType<typeof brief> }[] = [];
        const seen = new Set<string>();
        for (;;) {
          const pair = nextPair(files("abcd".slice(0, contents)), files("wxyz".slice(0, styles)), past);
          if (!pair) break;
          seen.add(`${pair.content.file}${pair.style.file}`);
          past.push({ brief: brief(pair.content.file, pair.style.file) });
          expect(past.length).toBeLessThanOrEqual(contents * styles);
        }
        expect(seen.size).toBe(contents * styles);
      }),
      { seed: 4, numRuns: 25 },
    );
  });
});
