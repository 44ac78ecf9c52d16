import { describe, expect, it } from "vitest";
import { drawPatch, makeTexture } from "../../../src/simulation/raster.ts";
import { rowsSeen } from "../../../src/simulation/seen-rows.ts";

const side = 64;
/** A square picture of 64 texels, turned by some degrees and drawn at twice its size about a place. */
const turned = (degrees: number, middleY: number) => {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const corners = [
    [-side, -side],
    [side, -side],
    [side, side],
    [-side, side],
  ] as const;
  return {
    screen: Float32Array.from(corners.flatMap(([x, y]) => [40 + x * cos - y * sin, middleY + x * sin + y * cos])),
    texture: Float32Array.from([0, 0, side, 0, side, side, 0, side]),
    depth: new Float32Array(4),
    triangles: Uint32Array.from([0, 1, 2, 0, 2, 3]),
    texelsPerPixel: 0.5,
  };
};
const canvas = () => ({ rgb: new Uint8Array(80 * 20 * 3), width: 80, height: 20 });
const noise = (i: number) => (0xff000000 | Math.imul(i + 1, 0x9e3779b1)) >>> 0;

describe("the rows of a moving picture that are seen", () => {
  it.each([
    [0, 10],
    [7, 10],
    [-35, 40],
    [90, -20],
    [180, 60],
  ])("hold all that is drawn of a picture turned by %d degrees about row %d", (degrees, middleY) => {
    const patch = turned(degrees, middleY);
    const rows = rowsSeen(canvas(), patch);
    const whole = Uint32Array.from({ length: side * side }, (_, i) => noise(i));
    const part = whole.map((pixel, i) => (i >= rows.top * side && i < rows.bottom * side ? pixel : 0xff0000ff));
    const [expected, drawn] = [canvas(), canvas()];
    drawPatch(expected, { levels: [{ pixels: whole, width: side, height: side }] }, patch);
    drawPatch(drawn, { levels: [{ pixels: part, width: side, height: side }] }, patch);
    expect(expected.rgb.some((value) => value > 0)).toBe(true);
    expect(drawn.rgb).toEqual(expected.rgb);
  });

  it("are few where the canvas shows a band of an upright picture", () => {
    const { top, bottom } = rowsSeen(canvas(), turned(0, 10));
    expect(bottom - top).toBeLessThan(side / 3);
  });

  it("are none of a picture that is out of sight", () => {
    expect(rowsSeen(canvas(), turned(0, 500))).toEqual({ top: 0, bottom: 0 });
  });
});

describe("a canvas of which some rows are wanted", () => {
  it("shows in them what the whole canvas shows, to the bit, and is left alone elsewhere", () => {
    const texture = makeTexture(
      Uint32Array.from({ length: side * side }, (_, i) => noise(i)),
      side,
      side,
    );
    const [whole, part] = [canvas(), canvas()];
    drawPatch(whole, texture, turned(20, 10));
    drawPatch({ ...part, rows: { top: 5, bottom: 9 } }, texture, turned(20, 10));
    const row = 80 * 3;
    expect(part.rgb.subarray(5 * row, 9 * row)).toEqual(whole.rgb.subarray(5 * row, 9 * row));
    expect([...part.rgb.subarray(0, 5 * row), ...part.rgb.subarray(9 * row)].every((value) => value === 0)).toBe(true);
  });
});
