import { describe, expect, test } from "vitest";
import { resizePlanes, toPicture, toPlanes } from "../../../../src/art/optimise/planes.ts";

const mean = [10, 20, 30] as const;
const picture = { rgb: Uint8Array.from({ length: 3 * 5 * 3 }, (_, i) => (i * 37) % 256), width: 5, height: 3 };

describe("planes", () => {
  test("there and back is the same picture, whatever the canvas adds", () => {
    const planes = toPlanes(picture, { width: 8, height: 4 }, mean);
    expect(toPicture(planes, picture, mean)).toEqual(picture);
  });

  test("the canvas beyond the picture continues its edge", () => {
    const { data } = toPlanes(picture, { width: 8, height: 4 }, mean);
    expect(data[7]).toBe(picture.rgb[3 * 4]! - 10);
    expect(data[3 * 8]).toBe(picture.rgb[3 * 10]! - 10);
  });

  test("values beyond a byte are cut, not wrapped", () => {
    const planes = { data: Float32Array.of(300, -300, 0), width: 1, height: 1 };
    expect([...toPicture(planes, { width: 1, height: 1 }, mean).rgb]).toEqual([255, 0, 30]);
  });

  test("the same size is the same numbers, and a slope stays a slope", () => {
    const width = 6;
    const slope = { data: Float32Array.from({ length: 3 * 36 }, (_, i) => i % width), width, height: 6 };
    const size = { width, height: 6 };
    expect(resizePlanes(slope, size, { visible: size, canvas: size }).data).toEqual(slope.data);
    const twice = { width: 12, height: 12 };
    const { data } = resizePlanes(slope, size, { visible: twice, canvas: twice });
    expect(data[5]! - data[4]!).toBeCloseTo(0.5, 5);
    expect(data[0]).toBe(0);
  });
});
