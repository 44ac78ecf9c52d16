import { describe, expect, it } from "vitest";
import { type CropRule, cropRegion, fillCrop } from "../../../../src/pipeline/liveness/face-crop.ts";
import type { RgbImage } from "../../../../src/pipeline/types.ts";

const picture = { width: 640, height: 480 };
type Numbers = [number, number, number, number];

describe("the region around a face", () => {
  /** Worked out by hand from the rule: box, scale, then left, top, right, bottom. */
  const cases: [string, Numbers, number, CropRule, Numbers][] = [
    ["in the middle both rules agree", [300, 200, 60, 80], 2.7, "shift", [249, 132, 411, 348]],
    ["in the middle both rules agree", [300, 200, 60, 80], 2.7, "clip", [249, 132, 411, 348]],
    ["fractions of the box are cut off, not rounded", [300.9, 200.9, 60.9, 80.9], 2.7, "shift", [249, 132, 411, 348]],
    ["over the top: moved down whole", [100, 100, 100, 120], 2.7, "shift", [15, 0, 285, 324]],
    ["over the top: cut off", [100, 100, 100, 120], 2.7, "clip", [15, 0, 285, 322]],
    ["over the right: moved left whole", [560, 200, 80, 80], 2.7, "shift", [423, 132, 639, 348]],
    ["over the right: cut off", [560, 200, 80, 80], 2.7, "clip", [492, 132, 639, 348]],
    ["a box that begins outside: moved in", [-20.7, 50, 100, 100], 2.7, "shift", [0, 0, 270, 270]],
    ["a box that begins outside: cut off", [-20.7, 50, 100, 100], 2.7, "clip", [0, 0, 165, 235]],
    ["larger than the picture is high: as large as goes", [100, 100, 100, 120], 4, "shift", [0, 0, 399, 479]],
    ["larger than the picture is high: cut off", [100, 100, 100, 120], 4, "clip", [0, 0, 349, 399]],
  ];
  for (const [name, [x, y, width, height], scale, rule, [left, top, right, bottom]] of cases) {
    it(`${rule}, ${name}`, () => {
      const region = cropRegion(picture, { x, y, width, height }, { scale, rule });
      expect(region).toMatchObject({ left, top, right, bottom });
    });
  }

  it("says how much of the surroundings the picture had room for", () => {
    const box = { x: 100, y: 100, width: 100, height: 120 };
    expect(cropRegion(picture, box, { scale: 2.7, rule: "shift" })?.scale).toBe(2.7);
    expect(cropRegion(picture, box, { scale: 4, rule: "shift" })?.scale).toBeCloseTo(479 / 120);
  });

  it.each([
    ["no width", { x: 10, y: 10, width: 0.9, height: 50 }],
    ["a negative height", { x: 10, y: 10, width: 50, height: -50 }],
    ["numbers that are none", { x: Number.NaN, y: 10, width: Number.NaN, height: 50 }],
  ])("a box with %s has no region", (_, box) => {
    for (const rule of ["shift", "clip"] as const) expect(cropRegion(picture, box, { scale: 2.7, rule })).toBeNull();
  });

  it("a box beside the picture leaves nothing to cut", () => {
    const box = { x: 700, y: 100, width: 20, height: 20 };
    expect(cropRegion(picture, box, { scale: 2.7, rule: "clip" })).toBeNull();
  });

  it("never leaves the picture, wherever the box lies", () => {
    for (const x of [-300, -99.5, 0, 333.3, 600, 639]) {
      for (const size of [1, 37.7, 150, 479, 900]) {
        for (const rule of ["shift", "clip"] as const) {
          const region = cropRegion(picture, { x, y: x / 2, width: size, height: size * 1.2 }, { scale: 4, rule });
          if (!region) continue;
          expect(region.left).toBeGreaterThanOrEqual(0);
          expect(region.top).toBeGreaterThanOrEqual(0);
          expect(region.right).toBeLessThanOrEqual(639);
          expect(region.bottom).toBeLessThanOrEqual(479);
        }
      }
    }
  });
});

/** One row of pixels whose red is as given, green 100 and blue 200 more. */
function row(...reds: number[]): RgbImage {
  const rgb = Uint8Array.from(reds.flatMap((red) => [red, red + 100, red + 200]));
  return { rgb, width: reds.length, height: 1 };
}

function filled(image: RgbImage, width: number, layout: "nchw" | "nhwc" = "nchw", from = 0): number[] {
  const data = new Float32Array(width * 3);
  const region = { left: from, top: 0, right: image.width - 1, bottom: image.height - 1, scale: 1 };
  fillCrop(image, region, { data, width, height: 1, layout, scale: [1, 1, 1], offset: [0, 0, 0] });
  return [...data];
}

describe("the crop as the network gets it", () => {
  it("blue comes first, in planes or interleaved", () => {
    expect(filled(row(1, 2), 2)).toEqual([201, 202, 101, 102, 1, 2]);
    expect(filled(row(1, 2), 2, "nhwc")).toEqual([201, 101, 1, 202, 102, 2]);
  });

  /** Reds only; places are (i + 0.5) * n / m - 0.5. */
  const cases: [string, number[], number, number[]][] = [
    ["as large as the target: copied", [3, 9, 27], 3, [3, 9, 27]],
    ["halved: the mean of each two", [0, 4, 10, 20], 2, [2, 15]],
    ["a quarter: only the two in the middle count, there is no averaging", [0, 10, 20, 0, 0, 30, 40, 0], 2, [15, 35]],
    ["doubled: a quarter of the way, the edges held", [0, 40], 4, [0, 10, 30, 40]],
    ["halves of a grey level are rounded up", [10, 11], 1, [11]],
    ["a third is rounded down", [0, 0, 1, 0], 3, [0, 1, 0]],
  ];
  for (const [name, reds, width, expected] of cases) {
    it(name, () => expect(filled(row(...reds), width).slice(width * 2)).toEqual(expected));
  }

  it("pixels outside the region are never read", () => {
    expect(filled(row(50, 0, 40), 4, "nchw", 1).slice(8)).toEqual([0, 10, 30, 40]);
  });

  it("rows are mixed as columns are", () => {
    const image = { rgb: Uint8Array.from([0, 0, 0, 100, 0, 0, 40, 0, 0, 60, 0, 0]), width: 2, height: 2 };
    expect(filled(image, 1)[2]).toBe(50);
  });
});
