import type { InputLayout } from "./engine.ts";
import type { Affine } from "./geometry.ts";
import type { Point, RgbImage } from "./types.ts";

/** Where resampled pixels go and how: each channel becomes `value * scale + offset` (value 0 to 255). */
export interface PixelTarget {
  /** `width * height * 3` numbers. */
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly layout: InputLayout;
  readonly scale: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
  /** What lies outside the picture: black (default), or the colour of the nearest pixel at its edge. */
  readonly border?: Border;
}

export type Border = "black" | "edge";

/** Steps in memory between neighbouring pixels and between channels, in numbers. */
export interface Strides {
  readonly pixel: number;
  readonly channel: number;
}

export function stridesOf(target: PixelTarget): Strides {
  return target.layout === "nchw" ? { pixel: 1, channel: target.width * target.height } : { pixel: 3, channel: 1 };
}

/**
 * Fills the target with what `map` says lies under each of its pixels. Interpolates between
 * the four neighbours; where the crop shrinks the picture by more than `antialiasAbove`, it averages several such samples.
 * Allocates nothing that depends on the picture's size.
 */
export function resample(image: RgbImage, map: Affine, target: PixelTarget): void {
  if (isInterpolated(map)) resampleBilinear(image, map, target);
  else resampleAveraged(image, map, target);
}

/** Whether one sample between four neighbours is enough for a target pixel. */
export function isInterpolated(map: Affine): boolean {
  return shrinkOf(map) <= antialiasAbove;
}

/** Picture pixels for each target pixel, along one side. */
function shrinkOf(map: Affine): number {
  return Math.sqrt(Math.abs(map.a * map.e - map.b * map.d));
}

/** One interpolated sample covers two picture pixels each way; above this ratio the gaps would show as aliasing. */
const antialiasAbove = 2.2;

function resampleBilinear(image: RgbImage, map: Affine, target: PixelTarget): void {
  for (let y = 0; y < target.height; y++) interpolateRow(image, map, { target, y, from: 0, to: target.width });
}

/** Pixels `from` up to `to` of a row of the target, interpolated between the four neighbours of each. */
export function interpolateRow(
  image: RgbImage,
  map: Affine,
  { target, y, from, to }: { target: PixelTarget; y: number; from: number; to: number },
): void {
  const { rgb, width } = image;
  const { data, scale, offset } = target;
  const { pixel, channel } = stridesOf(target);
  const [sr, sg, sb] = scale;
  const [or, og, ob] = offset;
  const rowStride = width * 3;
  const lastX = width - 1;
  const lastY = image.height - 1;
  let at = (y * target.width + from) * pixel;
  let sx = map.a * from + map.b * y + map.c;
  let sy = map.d * from + map.e * y + map.f;
  for (let x = from; x < to; x++, at += pixel, sx += map.a, sy += map.d) {
    if (!(sx >= 0 && sy >= 0 && sx < lastX && sy < lastY)) {
      writeBorderPixel(image, { x: sx, y: sy }, target, at);
      continue;
    }
    const x0 = sx | 0;
    const y0 = sy | 0;
    const ax = sx - x0;
    const ay = sy - y0;
    const w11 = ax * ay;
    const w10 = ax - w11;
    const w01 = ay - w11;
    const w00 = 1 - ax - w01;
    const p = y0 * rowStride + x0 * 3;
    const q = p + rowStride;
    data[at] = (rgb[p]! * w00 + rgb[p + 3]! * w10 + rgb[q]! * w01 + rgb[q + 3]! * w11) * sr + or;
    data[at + channel] = (rgb[p + 1]! * w00 + rgb[p + 4]! * w10 + rgb[q + 1]! * w01 + rgb[q + 4]! * w11) * sg + og;
    data[at + 2 * channel] = (rgb[p + 2]! * w00 + rgb[p + 5]! * w10 + rgb[q + 2]! * w01 + rgb[q + 5]! * w11) * sb + ob;
  }
}

/** One target pixel that does not have all its four neighbours in the picture. */
function writeBorderPixel(image: RgbImage, place: Point, target: PixelTarget, at: number): void {
  const { channel } = stridesOf(target);
  for (let c = 0; c < 3; c++) {
    const value = target.border === "edge" ? edgeSample(image, place, c) : blackSample(image, place, c);
    target.data[at + c * channel] = value * target.scale[c]! + target.offset[c]!;
  }
}

function edgeSample(image: RgbImage, place: Point, channel: number): number {
  const { rgb, width, height } = image;
  const x = Math.min(width - 1, Math.max(0, place.x));
  const y = Math.min(height - 1, Math.max(0, place.y));
  const left = Math.floor(x);
  const top = Math.floor(y);
  const ax = x - left;
  const ay = y - top;
  const right = Math.min(width - 1, left + 1);
  const p = top * width;
  const q = Math.min(height - 1, top + 1) * width;
  const above = rgb[(p + left) * 3 + channel]! * (1 - ax) + rgb[(p + right) * 3 + channel]! * ax;
  const below = rgb[(q + left) * 3 + channel]! * (1 - ax) + rgb[(q + right) * 3 + channel]! * ax;
  return above * (1 - ay) + below * ay;
}

/** Fades to black over the last half pixel, as if black pixels went on for ever. */
function blackSample(image: RgbImage, place: Point, channel: number): number {
  const { width, height } = image;
  if (!(place.x > -1 && place.y > -1 && place.x < width && place.y < height)) return 0;
  const distanceX = Math.max(-place.x, place.x - (width - 1), 0);
  const distanceY = Math.max(-place.y, place.y - (height - 1), 0);
  return edgeSample(image, place, channel) * (1 - distanceX) * (1 - distanceY);
}

/** Largest distance between two samples that are averaged, in pixels of the picture: most of them are then touched once. */
const sampleSpacing = 1.6;

function resampleAveraged(image: RgbImage, map: Affine, target: PixelTarget): void {
  for (let y = 0; y < target.height; y++) averageRow(image, map, { target, y, from: 0, to: target.width });
}

/** Samples along one side of a target pixel where several are averaged. */
export function samplesEach(map: Affine): number {
  return Math.min(16, Math.ceil(shrinkOf(map) / sampleSpacing));
}

/** Pixels `from` up to `to` of a row, each the mean of n x n nearest samples spread evenly over the parallelogram it covers. */
export function averageRow(
  image: RgbImage,
  map: Affine,
  { target, y, from, to }: { target: PixelTarget; y: number; from: number; to: number },
): void {
  const { rgb } = image;
  const { data, scale, offset } = target;
  const { pixel, channel } = stridesOf(target);
  const isEdge = target.border === "edge";
  const n = samplesEach(map);
  const share = 1 / (n * n);
  const first = (1 / n - 1) / 2;
  let at = (y * target.width + from) * pixel;
  for (let x = from; x < to; x++, at += pixel) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let j = 0; j < n; j++) {
      const v = y + first + j / n;
      let sx = map.a * (x + first) + map.b * v + map.c + 0.5;
      let sy = map.d * (x + first) + map.e * v + map.f + 0.5;
      for (let i = 0; i < n; i++, sx += map.a / n, sy += map.d / n) {
        const p = nearestOffset(image, sx, sy, isEdge);
        if (p < 0) continue;
        r += rgb[p]!;
        g += rgb[p + 1]!;
        b += rgb[p + 2]!;
      }
    }
    data[at] = r * share * scale[0] + offset[0];
    data[at + channel] = g * share * scale[1] + offset[1];
    data[at + 2 * channel] = b * share * scale[2] + offset[2];
  }
}

/** Where in memory the pixel under a place begins; below 0: there is none. Coordinates count from the corner of the first pixel. */
function nearestOffset({ width, height }: RgbImage, x: number, y: number, isEdge: boolean): number {
  const isInside = x >= 0 && y >= 0 && x < width && y < height;
  if (isInside) return ((y | 0) * width + (x | 0)) * 3;
  if (!isEdge) return -1;
  const column = Math.min(width - 1, Math.max(0, Math.floor(x)));
  return (Math.min(height - 1, Math.max(0, Math.floor(y))) * width + column) * 3;
}
