import { describe, expect, it } from "vitest";
import { mapOfSquare } from "../../../src/pipeline/geometry.ts";
import { type PixelTarget, resample } from "../../../src/pipeline/resample.ts";
import type { RgbImage } from "../../../src/pipeline/types.ts";

function target(width: number, height: number, extra: Partial<PixelTarget> = {}): PixelTarget {
  return {
    data: new Float32Array(width * height * 3),
    width,
    height,
    layout: "nchw",
    scale: [1, 1, 1],
    offset: [0, 0, 0],
    ...extra,
  };
}

/** Red grows to the right, green downwards, blue is constant. */
function ramp(width: number, height: number): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rgb.set([x * 2, y * 2, 77], (y * width + x) * 3);
  }
  return { rgb, width, height };
}

function flat(width: number, height: number, value: number): RgbImage {
  return { rgb: new Uint8Array(width * height * 3).fill(value), width, height };
}

const identity = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };

describe("resample", () => {
  it("copies pixels unchanged under the identity, in planes and interleaved", () => {
    const image = ramp(8, 6);
    const planes = target(8, 6);
    const woven = target(8, 6, { layout: "nhwc" });
    resample(image, identity, planes);
    resample(image, identity, woven);
    expect([...woven.data]).toEqual([...image.rgb]);
    expect(planes.data[2 * 48 + 17]).toBe(77);
    expect(planes.data[48 + 3 * 8 + 5]).toBe(6);
    expect(planes.data[3 * 8 + 5]).toBe(10);
  });

  it("interpolates between pixels in both directions", () => {
    const out = target(1, 1);
    resample(ramp(8, 6), { ...identity, c: 2.25, f: 3.5 }, out);
    expect([...out.data]).toEqual([4.5, 7, 77]);
  });

  it("applies scale and offset for each channel", () => {
    const out = target(1, 1, { scale: [1, 2, 0.5], offset: [-1, 10, 100] });
    resample(flat(4, 4, 40), { ...identity, c: 1, f: 1 }, out);
    expect([...out.data]).toEqual([39, 90, 120]);
  });

  it("is black outside the picture, or goes on with its edge", () => {
    const black = target(1, 1);
    const edge = target(1, 1, { border: "edge" });
    const outside = { ...identity, c: -20, f: 3 };
    resample(ramp(8, 6), outside, black);
    resample(ramp(8, 6), outside, edge);
    expect([...black.data]).toEqual([0, 0, 0]);
    expect([...edge.data]).toEqual([0, 6, 77]);
  });

  it("fades to black over the last pixel", () => {
    const out = target(1, 1);
    resample(flat(4, 4, 100), { ...identity, c: -0.25, f: 1 }, out);
    expect(out.data[0]).toBeCloseTo(75, 5);
  });

  it("keeps the mean of a fine pattern when it shrinks, instead of picking single pixels", () => {
    const image = flat(120, 120, 0);
    for (let i = 0; i < 120 * 120; i++)
      if (((i % 120) + Math.floor(i / 120)) % 2 === 0) image.rgb.fill(200, i * 3, i * 3 + 3);
    const out = target(20, 20);
    resample(image, mapOfSquare({ centre: { x: 60, y: 60 }, size: 110, rollRad: 0 }, 20), out);
    const values = [...out.data];
    expect(Math.min(...values)).toBeGreaterThan(60);
    expect(Math.max(...values)).toBeLessThan(140);
  });

  it.each(["black", "edge"] as const)(
    "writes a finite number everywhere with %s borders, far outside too",
    (border) => {
      for (const size of [3, 500, 5000]) {
        const out = target(16, 16, { border, data: new Float32Array(768).fill(Number.NaN) });
        resample(ramp(20, 10), mapOfSquare({ centre: { x: -3, y: 12 }, size, rollRad: 2.5 }, 16), out);
        expect(out.data.every(Number.isFinite)).toBe(true);
      }
    },
  );

  it("takes a picture of a single pixel", () => {
    const out = target(2, 2, { border: "edge" });
    resample(flat(1, 1, 9), identity, out);
    expect([...out.data].every((value) => value === 9)).toBe(true);
  });
});
