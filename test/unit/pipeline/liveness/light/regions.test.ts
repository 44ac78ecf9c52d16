import { describe, expect, it } from "vitest";
import { linearOf, measureLight } from "../../../../../src/pipeline/liveness/light/regions.ts";
import type { FaceMesh, RgbImage } from "../../../../../src/pipeline/types.ts";

const [width, height] = [320, 240];
type Rgb = readonly [number, number, number];
const skin: Rgb = [200, 150, 120];
const ear: Rgb = [120, 90, 70];
const wall: Rgb = [180, 182, 175];
const wool: Rgb = [60, 70, 110];

/** A face 60 pixels wide around (x, 90): skin in its middle, darker beside, clothes from 40 pixels below the chin on. */
function picture(x: number, clothes: Rgb = wool): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const isFace = Math.abs(px - x) <= 40 && py > 40 && py < 135;
      const face = Math.abs(px - x) < 24 ? skin : ear;
      rgb.set(isFace ? face : py > 160 && Math.abs(px - x) < 90 ? clothes : wall, 3 * (py * width + px));
    }
  }
  return { rgb, width, height };
}

function mesh(x: number): FaceMesh {
  const points = new Float32Array(468 * 3);
  for (let n = 0; n < 468; n++) points.set([x, 90, 0], 3 * n);
  for (const n of [227, 137, 177]) points.set([x - 30, 90, 0], 3 * n);
  for (const n of [447, 366, 401]) points.set([x + 30, 90, 0], 3 * n);
  points.set([x, 130, 0], 3 * 152);
  return { points, confidence: 1 };
}
const linear = (colour: Rgb) => colour.map((value) => linearOf[value]);
const close = (seen: readonly number[] | null, colour: Rgb) => {
  expect(seen).not.toBeNull();
  for (const [c, value] of linear(colour).entries()) expect(seen?.[c]).toBeCloseTo(value!, 5);
};

describe("the colours around a face", () => {
  it("are those of its middle, its sides, its clothes and the room, in linear light", () => {
    const sample = measureLight(picture(160), mesh(160), 7);
    expect(sample.atMs).toBe(7);
    expect([sample.front.length, sample.sides.length]).toEqual([5, 2]);
    for (const part of sample.front) close(part, skin);
    for (const part of sample.sides) close(part, ear);
    close(sample.body, wool);
    close(sample.room, wall);
  });

  it("take the room from one side where the other is out of the picture", () => {
    close(measureLight(picture(60), mesh(60), 0).room, wall);
  });

  it("have no room where the face fills the picture, and no clothes where they are black or out of it", () => {
    const { rgb } = picture(160);
    const cut = { rgb: rgb.slice(0, 60 * 3 * 60), width: 60, height: 60 };
    expect(measureLight(cut, mesh(30), 0)).toMatchObject({ room: null, body: null });
    expect(measureLight(picture(160, [4, 4, 4]), mesh(160), 0).body).toBeNull();
  });
});

describe("linear light", () => {
  it.each([
    [0, 0],
    [10, 0.003035],
    [128, 0.21586],
    [255, 1],
  ])("of the grey level %d is %d", (level, value) => {
    expect(linearOf[level]).toBeCloseTo(value, 5);
  });
});
