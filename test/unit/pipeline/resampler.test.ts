import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { Resampler } from "../../../src/pipeline/bilinear/resampler.ts";
import { type Affine, mapOfSquare, mirrored } from "../../../src/pipeline/geometry.ts";
import { type PixelTarget, resample } from "../../../src/pipeline/resample.ts";
import type { RgbImage } from "../../../src/pipeline/types.ts";

const side = 48;

function target(extra: Partial<PixelTarget> = {}): PixelTarget {
  return {
    ...{ data: new Float32Array(side * side * 3), width: side, height: side, layout: "nchw" },
    ...{ scale: [1 / 255, 2 / 255, 1 / 128], offset: [0, -1, 0.5] },
    ...extra,
  };
}

function noise(width: number, height: number): RgbImage {
  const random = seededRandom(width * height);
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = 256 * random();
  return { rgb, width, height };
}

function worstGap(image: RgbImage, maps: readonly Affine[], extra: Partial<PixelTarget> = {}): number {
  const [ours, wanted] = [target(extra), target(extra)];
  const resampler = new Resampler(ours);
  let worst = 0;
  for (const map of maps) {
    ours.data.fill(Number.NaN);
    resampler.fill(image, map);
    resample(image, map, wanted);
    // A number that is none is no small gap.
    for (let i = 0; i < ours.data.length; i++) {
      const gap = Math.abs(ours.data[i]! - wanted.data[i]!);
      worst = gap <= worst ? worst : gap;
    }
  }
  return worst;
}

const square = (x: number, y: number, size: number, rollRad: number) =>
  mapOfSquare({ centre: { x, y }, size, rollRad }, side);

describe("Resampler", () => {
  it.each<[string, Affine[]]>([
    [
      "inside the picture, upright and tilted",
      [square(60, 40, 50, 0), square(60, 40, 40, 0.3), square(50, 50, 30, -2)],
    ],
    ["over each border and each corner", [0, 60, 120].flatMap((x) => [0, 45, 90].map((y) => square(x, y, 70, 0.2)))],
    ["larger than the picture", [square(60, 45, 105, 0.1)]],
    ["beside the picture", [square(-200, 40, 50, 0), square(60, 400, 50, 0.5)]],
    ["on whole pixels, to the last row and column", [{ a: 1, b: 0, c: 72, d: 0, e: 1, f: 42 }]],
    [
      "lying on its side",
      [square(60, 45, 60, Math.PI / 2), square(60, 45, 60, Math.PI), square(60, 45, 60, -Math.PI / 2)],
    ],
    ["in a mirror", [mirrored(square(60, 45, 60, 0.1), side)]],
    ["enlarged to a few pixels", [square(60.3, 45.7, 3, 0.7)]],
    [
      "so much smaller that four samples are averaged",
      [square(150, 120, 130, 0.1), square(60, 45, 120, 0), square(20, 180, 150, 2)],
    ],
    ["so much smaller that more are averaged", [square(60, 45, 200, 0.1)]],
    ["of a size that changes", [square(60, 45, 10, 0), square(60, 45, 100, 0), square(60, 45, 20, 0)]],
  ])("gives the same as resample for crops %s", (_, maps) => {
    const image = noise(120, 90);
    for (const layout of ["nchw", "nhwc"] as const) {
      for (const border of ["black", "edge"] as const) {
        expect(worstGap(image, maps, { layout, border })).toBeLessThan(1e-6);
      }
    }
  });

  it("follows pictures of different widths, one too wide for the kernel among them", () => {
    const [ours, wanted] = [target(), target()];
    const resampler = new Resampler(ours);
    for (const image of [noise(120, 90), noise(60, 200), noise(2800, 60), noise(120, 90)]) {
      const map = square(image.width / 2, 30, 40, 0.1);
      resampler.fill(image, map);
      resample(image, map, wanted);
      expect(ours.data.every((value, i) => Math.abs(value - wanted.data[i]!) < 1e-6)).toBe(true);
    }
  });

  it.each(["a", "b", "c", "d", "e", "f"])("a map whose %s is no number leads nowhere, as in resample", (broken) => {
    const map = { ...square(10, 10, 8, 0.1), [broken]: Number.NaN };
    const [ours, wanted] = [target(), target()];
    new Resampler(ours).fill(noise(20, 20), map);
    resample(noise(20, 20), map, wanted);
    expect(ours.data).toEqual(wanted.data);
  });

  it("keeps nothing of the picture before", () => {
    const out = target({ scale: [1, 1, 1], offset: [0, 0, 0] });
    const resampler = new Resampler(out);
    for (const value of [200, 0]) {
      resampler.fill({ rgb: new Uint8Array(60 * 60 * 3).fill(value), width: 60, height: 60 }, square(30, 30, 40, 0));
      expect(out.data.every((each) => Math.abs(each - value) < 1e-4)).toBe(true);
    }
  });
});
