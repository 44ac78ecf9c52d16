import { describe, expect, it } from "vitest";
import {
  attackKinds,
  genuineKinds,
  isGenuine,
  kinds,
  presentation,
} from "../../../../src/lab/liveness/presentations.ts";
import { speciesNames } from "../../../../src/simulation/species.ts";

describe("the visits of a report", () => {
  it("cover every species of the simulation, each once", () => {
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(new Set(kinds.map((kind) => presentation(kind, 0).as))).toEqual(new Set(speciesNames));
  });

  it("hold people and attacks apart", () => {
    for (const kind of genuineKinds) expect(isGenuine(kind)).toBe(true);
    for (const kind of attackKinds) expect(isGenuine(kind)).toBe(false);
  });

  it.each(kinds)("of a %s are the same for the same seed, and differ between seeds", (kind) => {
    expect(presentation(kind, 3)).toEqual(presentation(kind, 3));
    expect(presentation(kind, 3).standM).not.toBe(presentation(kind, 4).standM);
  });

  it("show every face in turn, compressed and not, with and without a rolling shutter", () => {
    const shown = Array.from({ length: 40 }, (_, seed) => presentation("walker", seed));
    expect(new Set(shown.map(({ actor }) => actor)).size).toBe(5);
    expect(new Set(shown.map(({ jpegQuality }) => jpegQuality === null)).size).toBe(2);
    expect(new Set(shown.map(({ rollingMs }) => rollingMs > 0)).size).toBe(2);
  });

  it("put bad light only where the name says so", () => {
    for (const kind of kinds) {
      const { exposure, backlight } = presentation(kind, 5);
      expect(exposure < 0.5).toBe(kind === "walker-low-light");
      expect(backlight > 0).toBe(kind === "walker-backlight");
    }
  });
});
