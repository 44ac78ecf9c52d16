import { describe, expect, it } from "vitest";
import { noEvidence } from "../../../../src/pipeline/liveness/evidence.ts";
import { judgeLiveness } from "../../../../src/pipeline/liveness/fuse.ts";
import { secondRectangleCue } from "../../../../src/pipeline/liveness/second-rectangle.ts";
import { doorFrame, picture, type Shown, sheet, watch, watchEach } from "../../../support/carried-sheet.ts";

type Half = readonly [number, number];

/** A picture within a border of another grey, around the face. */
const bordered =
  ([halfWidth, halfHeight]: Half, { border, inside, widthPx }: { border: number; inside: number; widthPx: number }) =>
  ({ centreX, centreY }: Shown) => {
    const middle = centreY + 20;
    const [w, h] = [halfWidth - widthPx, halfHeight - widthPx];
    return picture([
      [centreX - halfWidth, middle - halfHeight, centreX + halfWidth, middle + halfHeight, border],
      [centreX - w, middle - h, centreX + w, middle + h, inside],
    ]);
  };

const screen = bordered([100, 135], { border: 15, inside: 150, widthPx: 10 });

describe("a rectangle within a rectangle that is carried", () => {
  it.each([
    ["a screen with a black bezel", screen],
    ["a print with a white margin", bordered([90, 130], { border: 235, inside: 90, widthPx: 14 })],
  ])("is seen by its rim: %s", (_, scene) => {
    const result = secondRectangleCue(watch(scene));
    expect(result).toMatchObject({ verdict: "spoof" });
    expect(result.says).toContain("one rectangle within another");
  });

  it("is denied after half a second, before single edges are believed", () => {
    const judged = watchEach(screen, { seconds: 2 }).map((seen) => judgeLiveness(seen));
    const first = judged.findIndex(({ verdict }) => verdict === "spoof");
    expect(judged[first]?.cues.filter(({ verdict }) => verdict === "spoof").map(({ name }) => name)).toEqual([
      "second-rectangle",
    ]);
    expect(first).toBeLessThan(7);
  });
});

describe("what is no second rectangle", () => {
  const framedPicture = () =>
    picture([
      [180, 60, 460, 420, 20],
      [195, 75, 445, 405, 150],
    ]);

  it.each([
    ["a sheet of one colour: its edges are the carrier's", sheet([90, 130]), {}],
    ["a framed picture on the wall behind somebody who moves", framedPicture, { speed: 60 }],
    ["the same behind somebody who stands still", framedPicture, { speed: 0 }],
    ["the same behind somebody who sways a little", framedPicture, { speed: 3 }],
    ["a door frame", doorFrame, { speed: 60 }],
    ["a bezel that does not move", screen, { speed: 0 }],
    ["an empty wall", () => picture([]), {}],
    ["too few frames of a bezel", screen, { seconds: 0.4 }],
  ] as const)("%s", (_, scene, how) => {
    expect(secondRectangleCue(watch(scene, how)).verdict).toBe("no-verdict");
  });

  it("stripes of a pullover below the face: one side is not enough", () => {
    const pullover = ({ centreX, centreY }: Shown) =>
      picture(
        [0, 1, 2, 3].map(
          (n) => [centreX - 110, centreY + 90 + 24 * n, centreX + 110, centreY + 102 + 24 * n, 40] as const,
        ),
      );
    expect(secondRectangleCue(watch(pullover)).verdict).toBe("no-verdict");
  });

  it("nothing seen at all", () => {
    expect(secondRectangleCue(noEvidence)).toMatchObject({ verdict: "no-verdict", score: 0.5 });
  });
});
