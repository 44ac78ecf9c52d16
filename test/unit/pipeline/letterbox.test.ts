import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { Letterbox } from "../../../src/pipeline/letterbox.ts";
import type { PixelTarget } from "../../../src/pipeline/resample.ts";
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

function flat(width: number, height: number, value: number): RgbImage {
  return { rgb: new Uint8Array(width * height * 3).fill(value), width, height };
}

describe("Letterbox", () => {
  it("keeps a flat picture flat to the last bit when it shrinks by a fraction, and puts black bars beside it", () => {
    const out = target(256, 256, { scale: [1 / 127.5, 1, 1], offset: [-0.5, 0, 0] });
    const fit = new Letterbox(out).fill(flat(640, 480, 255));
    expect(fit).toEqual({ scale: 2.5, offsetX: 0, offsetY: -80 });
    const plane = 256 * 256;
    expect(out.data[plane + 128 * 256 + 7]).toBe(255);
    expect(out.data[128 * 256 + 7]).toBeCloseTo(1.5, 6);
    expect(out.data[plane + 10 * 256 + 7]).toBe(0);
    expect(out.data[10 * 256 + 7]).toBe(-0.5);
  });

  it("averages the exact area under each pixel", () => {
    const out = target(2, 2);
    const image = flat(3, 3, 0);
    image.rgb.set([90, 90, 90], 0);
    new Letterbox(out).fill(image);
    // The first target pixel covers 1.5 x 1.5 pixels, of which the bright one is 1.
    expect(out.data[0]).toBeCloseTo(90 / 2.25, 0);
    expect(out.data[3]).toBe(0);
  });

  it("places a point where its fit says, shrunk and enlarged, with and without a margin", () => {
    for (const [width, height, margin] of [
      [640, 480, 0],
      [100, 300, 0.25],
      [40, 30, 0],
      [60, 20, 0.25],
    ] as const) {
      const image = flat(width, height, 0);
      const [px, py] = [Math.floor(width * 0.6), Math.floor(height * 0.3)];
      const radius = Math.ceil(Math.max(width, height) / 60);
      for (let y = py - radius; y <= py + radius; y++) {
        for (let x = px - radius; x <= px + radius; x++)
          image.rgb.fill(255, (y * width + x) * 3, (y * width + x) * 3 + 3);
      }
      const out = target(128, 128);
      const { scale, offsetX, offsetY } = new Letterbox(out).fill(image, margin);
      let [sum, sumX, sumY] = [0, 0, 0];
      for (let i = 0; i < 128 * 128; i++) {
        const value = out.data[i] ?? 0;
        sum += value;
        sumX += value * ((i % 128) + 0.5);
        sumY += value * (Math.floor(i / 128) + 0.5);
      }
      expect((sumX / sum) * scale + offsetX).toBeCloseTo(px + 0.5, 0);
      expect((sumY / sum) * scale + offsetY).toBeCloseTo(py + 0.5, 0);
    }
  });

  it.each([
    [640, 480, 256, 0],
    [1280, 720, 256, 0],
    [480, 640, 64, 0.25],
    [257, 131, 256, 0],
    [301, 7, 20, 0],
    [1000, 1000, 3, 0.25],
  ])(
    "a frame of %d x %d comes to a square of %d with a margin of %d as the first one did",
    (width, height, side, margin) => {
      const random = seededRandom(width);
      const image = flat(width, height, 0);
      for (let i = 0; i < image.rgb.length; i++) image.rgb[i] = 256 * random();
      for (const layout of ["nchw", "nhwc"] as const) {
        const range = { scale: [1 / 127.5, 1 / 255, 1], offset: [-0.5, 0.25, 0] } as const;
        const out = target(side, side, { ...range, layout });
        const letterbox = new Letterbox(out);
        letterbox.fill(image, margin);
        // Numbers up to 255 have a last bit of 1.5e-5; those that the detector gets are at most 1.5.
        const first = out.data.slice();
        out.data.fill(Number.NaN);
        letterbox.fill(image, margin);
        const isRed = (n: number) => (layout === "nchw" ? n < side * side : n % 3 === 0);
        const gaps = out.data.map((value, n) => Math.abs(value - first[n]!) / (isRed(n) ? 1 : 255));
        expect(gaps.every((gap) => gap < 1e-6)).toBe(true);
      }
    },
  );

  it("shows each frame of a stream as it is, with both margins in turn", () => {
    const out = target(32, 32);
    const letterbox = new Letterbox(out);
    for (const value of [255, 10, 128, 0]) {
      for (const margin of [0, 0.25]) {
        letterbox.fill(flat(80, 60, value), margin);
        expect([out.data[0], out.data[16 * 32 + 16]]).toEqual([0, value]);
      }
    }
  });

  it("leaves nothing of the picture before, when sizes change from call to call", () => {
    const out = target(64, 64);
    const letterbox = new Letterbox(out);
    letterbox.fill(flat(640, 480, 255));
    letterbox.fill(flat(480, 640, 0));
    expect(out.data.every((value) => value === 0)).toBe(true);
    letterbox.fill(flat(640, 480, 10), 0.25);
    const expected = target(64, 64);
    new Letterbox(expected).fill(flat(640, 480, 10), 0.25);
    expect(out.data).toEqual(expected.data);
  });
});
