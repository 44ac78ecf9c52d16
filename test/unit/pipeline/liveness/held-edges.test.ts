import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import { carrierCue } from "../../../../src/pipeline/liveness/carrier.ts";
import { secondRectangleCue } from "../../../../src/pipeline/liveness/second-rectangle.ts";
import { between } from "../../../../src/simulation/chance.ts";
import { picture, type Rectangle, sheet, watch } from "../../../support/carried-sheet.ts";

const cues = { carrier: carrierCue, "second-rectangle": secondRectangleCue };
const verdictsOf = (...seen: Parameters<typeof watch>) => {
  const evidence = watch(...seen);
  return Object.values(cues).map((cue) => cue(evidence).verdict);
};
const nobodyFlagged = ["no-verdict", "no-verdict"];

describe("somebody who walks by what is full of edges", () => {
  it.each(
    [10, 14, 20, 30, 40, 60, 90].flatMap((spacing) =>
      [30, 120].map((speed) => [`slats ${spacing} pixels apart at ${speed} pixels a second`, spacing, speed] as const),
    ),
  )("is not taken for a sheet: %s", (_, spacing, speed) => {
    const count = Math.ceil(640 / spacing);
    const slats = picture(
      Array.from({ length: count }, (__, n): Rectangle => [n * spacing, 0, (n + 0.5) * spacing, 480, 60]),
    );
    expect(verdictsOf(() => slats, { speed })).toEqual(nobodyFlagged);
  });

  it("is not taken for a sheet in any of 60 rooms of bars, beams and a jacket", () => {
    const flagged: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const random = seededRandom(seed);
      const grey = () => Math.floor(between(random, 10, 240));
      const bars = Array.from({ length: Math.floor(between(random, 0, 22)) }, (): Rectangle => {
        const x = between(random, 0, 640);
        return [x, 0, x + between(random, 4, 60), 480, grey()];
      });
      const beams = Array.from({ length: Math.floor(between(random, 0, 8)) }, (): Rectangle => {
        const y = between(random, 0, 480);
        return [0, y, 640, y + between(random, 4, 50), grey()];
      });
      const jacket = grey();
      const scene = ({ centreX, centreY }: { centreX: number; centreY: number }) =>
        picture([...beams, ...bars, [centreX - 110, centreY + 95, centreX + 110, 480, jacket]]);
      if (verdictsOf(scene, { speed: between(random, 0, 150) }).includes("spoof")) flagged.push(seed);
    }
    expect(flagged).toEqual([]);
  });
});

it("a sheet is seen before bars as before a bare wall", () => {
  const bars = [40, 190, 330, 480, 600].map((x): Rectangle => [x, 0, x + 30, 480, 60]);
  const before = (face: { centreX: number; centreY: number }) => sheet([90, 130], 210, bars)(face);
  expect(verdictsOf(before)[0]).toBe("spoof");
});
