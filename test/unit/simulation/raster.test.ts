import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/core/random.ts";
import { drawPatch, makeTexture, type Patch } from "../../../src/simulation/raster.ts";

const canvasOf = (width: number, height: number) => ({ rgb: new Uint8Array(width * height * 3), width, height });
const pixel = (r: number, g: number, b: number, a: number) => (r | (g << 8) | (b << 16) | (a << 24)) >>> 0;

/** A square of one colour and opacity. */
const plain = (value: number, alpha: number) =>
  makeTexture(new Uint32Array(32 * 32).fill(pixel(value, value, value, alpha)), 32, 32);

const patch = (screen: number[], triangles: number[], texture: number[], depth?: number[]): Patch => ({
  screen: Float32Array.from(screen),
  texture: Float32Array.from(texture),
  depth: Float32Array.from(depth ?? new Array<number>(screen.length / 2).fill(1)),
  triangles: Uint32Array.from(triangles),
  texelsPerPixel: 1,
});

describe("the rasteriser", () => {
  it("covers every pixel of neighbouring triangles once: no seam and no double blending", () => {
    const random = seededRandom(5);
    const [columns, rows] = [9, 9];
    const screen: number[] = [];
    const triangles: number[] = [];
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const isRim = x === 0 || y === 0 || x === columns - 1 || y === rows - 1;
        const shake = () => (isRim ? 0 : 4 * random() - 2);
        screen.push(x * 8 + shake(), y * 8 + shake());
        const n = y * columns + x;
        if (x < columns - 1 && y < rows - 1) {
          triangles.push(n, n + 1, n + columns, n + 1, n + columns + 1, n + columns);
        }
      }
    }
    const canvas = canvasOf(64, 64);
    drawPatch(canvas, plain(200, 128), patch(screen, triangles, new Array<number>(2 * columns * rows).fill(10)));
    // Half opaque on black: half of 200 everywhere; a seam would be 0, an overlap 150.
    expect(new Set(canvas.rgb)).toEqual(new Set([100]));
  });

  it("draws a texture where its points say, to a grey level", () => {
    const size = 64;
    const pixels = Uint32Array.from({ length: size * size }, (_, i) =>
      pixel((i % size) * 4, Math.floor(i / size) * 4, 7, 255),
    );
    const canvas = canvasOf(size, size);
    const corners = [0, 0, size, 0, size, size, 0, size];
    drawPatch(canvas, makeTexture(pixels, size, size), patch(corners, [0, 1, 2, 0, 2, 3], corners));
    for (const [x, y] of [
      [3, 5],
      [40, 11],
      [60, 62],
      [1, 63],
    ] as const) {
      const i = (y * size + x) * 3;
      expect(Math.abs(canvas.rgb[i]! - 4 * x)).toBeLessThanOrEqual(4);
      expect(Math.abs(canvas.rgb[i + 1]! - 4 * y)).toBeLessThanOrEqual(4);
      expect(canvas.rgb[i + 2]).toBe(7);
    }
  });

  it("hides what is farther and leaves out what is seen from behind", () => {
    const square = [0, 0, 16, 0, 16, 16, 0, 16];
    const canvas = canvasOf(16, 16);
    const texture = makeTexture(
      Uint32Array.from({ length: 1024 }, (_, i) => (i % 32 < 16 ? pixel(50, 50, 50, 255) : pixel(250, 250, 250, 255))),
      32,
      32,
    );
    // The near square is listed first and takes the dark half; the last one is turned away.
    drawPatch(
      canvas,
      texture,
      patch(
        [...square, ...square, ...square],
        [0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7, 8, 10, 9, 8, 11, 10],
        [...new Array<number>(8).fill(4), ...new Array<number>(16).fill(26)],
        [...new Array<number>(4).fill(1), ...new Array<number>(4).fill(3), ...new Array<number>(4).fill(0.5)],
      ),
    );
    expect(new Set(canvas.rgb)).toEqual(new Set([50]));
  });

  it("clips at the border instead of writing beyond it", () => {
    const canvas = canvasOf(10, 10);
    drawPatch(canvas, plain(90, 255), patch([-50, -40, 70, -30, 5, 90], [0, 1, 2], new Array<number>(6).fill(8)));
    expect(canvas.rgb.length).toBe(300);
    expect(new Set(canvas.rgb)).toEqual(new Set([90]));
  });

  it("draws nothing of a patch without extent", () => {
    const canvas = canvasOf(10, 10);
    drawPatch(canvas, plain(90, 255), patch([5, 5, 5, 5, 5, 5], [0, 1, 2], new Array<number>(6).fill(8)));
    drawPatch(canvas, plain(90, 255), patch([1, 1, 5, 5, 9, 9], [0, 1, 2], new Array<number>(6).fill(8)));
    expect(canvas.rgb.every((v) => v === 0)).toBe(true);
  });
});
