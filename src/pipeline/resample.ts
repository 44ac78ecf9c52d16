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

/** Steps in memory between neighbouring pixels and between channels. */
interface Strides {
  readonly pixel: number;
  readonly channel: number;
}

function stridesOf(target: PixelTarget): Strides {
  return target.layout === "nchw" ? { pixel: 1, channel: target.width * target.height } : { pixel: 3, channel: 1 };
}

/**
 * Fills the target with what `map` says lies under each of its pixels. Interpolates between
 * the four neighbours; where the crop shrinks the picture by more than `antialiasAbove`, it averages several such samples.
 * Allocates nothing that depends on the picture's size.
 */
export function resample(image: RgbImage, map: Affine, target: PixelTarget): void {
  if (shrinkOf(map) <= antialiasAbove) resampleBilinear(image, map, target);
  else resampleAveraged(image, map, target);
}

/** Picture pixels for each target pixel, along one side. */
function shrinkOf(map: Affine): number {
  return Math.sqrt(Math.abs(map.a * map.e - map.b * map.d));
}

/** One interpolated sample covers two picture pixels each way; above this ratio the gaps would show as aliasing. */
const antialiasAbove = 2.2;

function resampleBilinear(image: RgbImage, map: Affine, target: PixelTarget): void {
  const { rgb, width } = image;
  const { data, scale, offset } = target;
  const { pixel, channel } = stridesOf(target);
  const [sr, sg, sb] = scale;
  const [or, og, ob] = offset;
  const rowStride = width * 3;
  const lastX = width - 1;
  const lastY = image.height - 1;
  let at = 0;
  for (let y = 0; y < target.height; y++) {
    let sx = map.b * y + map.c;
    let sy = map.e * y + map.f;
    for (let x = 0; x < target.width; x++, at += pixel, sx += map.a, sy += map.d) {
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
      data[at + 2 * channel] =
        (rgb[p + 2]! * w00 + rgb[p + 5]! * w10 + rgb[q + 2]! * w01 + rgb[q + 5]! * w11) * sb + ob;
    }
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

/** Each target pixel is the mean of n x n nearest samples spread evenly over the parallelogram it covers. */
function resampleAveraged(image: RgbImage, map: Affine, target: PixelTarget): void {
  const { rgb } = image;
  const { data, scale, offset } = target;
  const { pixel, channel } = stridesOf(target);
  const isEdge = target.border === "edge";
  const n = Math.min(16, Math.ceil(shrinkOf(map) / sampleSpacing));
  const share = 1 / (n * n);
  const first = (1 / n - 1) / 2;
  let at = 0;
  for (let y = 0; y < target.height; y++) {
    for (let x = 0; x < target.width; x++, at += pixel) {
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
}

/** Where in memory the pixel under a place begins; below 0: there is none. Coordinates count from the corner of the first pixel. */
function nearestOffset({ width, height }: RgbImage, x: number, y: number, isEdge: boolean): number {
  const isInside = x >= 0 && y >= 0 && x < width && y < height;
  if (isInside) return ((y | 0) * width + (x | 0)) * 3;
  if (!isEdge) return -1;
  const column = Math.min(width - 1, Math.max(0, Math.floor(x)));
  return (Math.min(height - 1, Math.max(0, Math.floor(y))) * width + column) * 3;
}

/** How a picture was laid into the target: `xPicture = (xTarget + 0.5) * scale + offsetX - 0.5`. */
export interface LetterboxFit {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/**
 * Lays whole pictures, upright, into one target, with black bars: enlarging interpolates, shrinking averages the exact area
 * under each target pixel (640x480 to 256x256: 1.2 ms; two separate passes took 1.6 ms). Keeps its weights from call to
 * call, so that frames of one size allocate nothing.
 */
export class Letterbox {
  readonly #target: PixelTarget;
  #columns: AreaWeights | undefined;
  #rows: AreaWeights | undefined;

  constructor(target: PixelTarget) {
    this.#target = target;
  }

  /** `margin` is black border to add on every side, as a fraction of the picture's own width and height. */
  fill(image: RgbImage, margin = 0): LetterboxFit {
    const { width, height } = this.#target;
    const grown = 1 + 2 * margin;
    const scale = Math.max((image.width * grown) / width, (image.height * grown) / height);
    const offsetX = (image.width - width * scale) / 2;
    const offsetY = (image.height - height * scale) / 2;
    if (scale > 1) this.#shrink(image, { scale, offsetX, offsetY });
    else {
      const half = (scale - 1) / 2;
      resampleBilinear(image, { a: scale, b: 0, c: offsetX + half, d: 0, e: scale, f: offsetY + half }, this.#target);
    }
    return { scale, offsetX, offsetY };
  }

  #shrink(image: RgbImage, fit: LetterboxFit): void {
    const { width, height } = this.#target;
    if (!isFor(this.#columns, image.width, fit)) {
      this.#columns = areaWeights({ source: image.width, target: width, offset: fit.offsetX, scale: fit.scale });
    }
    if (!isFor(this.#rows, image.height, fit)) {
      this.#rows = areaWeights({ source: image.height, target: height, offset: fit.offsetY, scale: fit.scale });
    }
    if (this.#columns && this.#rows) shrinkByArea(image, this.#columns, this.#rows, this.#target);
  }
}

/** For each target pixel along one axis: the first picture pixel under it, how many, and their shares in 1/256. */
interface AreaWeights {
  readonly source: number;
  readonly scale: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly start: Int32Array;
  readonly shares: Int32Array;
}

function isFor(weights: AreaWeights | undefined, source: number, fit: LetterboxFit): boolean {
  return weights !== undefined && weights.source === source && weights.scale === fit.scale;
}

function areaWeights(axis: { source: number; target: number; offset: number; scale: number }): AreaWeights {
  const { source, target, offset, scale } = axis;
  const first = new Int32Array(target);
  const count = new Int32Array(target);
  const start = new Int32Array(target);
  const shares: number[] = [];
  for (let i = 0; i < target; i++) {
    const low = offset + i * scale;
    const high = low + scale;
    const from = Math.max(0, Math.floor(low));
    const to = Math.min(source, Math.ceil(high - 1e-9));
    start[i] = shares.length;
    if (to <= from) continue;
    first[i] = from;
    count[i] = to - from;
    // Rounded running sums, not rounded shares: the shares of a fully covered pixel then add up to exactly 256.
    let sum = 0;
    for (let p = from; p < to; p++) {
      const before = Math.round((sum / scale) * 256);
      sum += Math.min(high, p + 1) - Math.max(low, p);
      shares.push(Math.round((sum / scale) * 256) - before);
    }
  }
  return { source, scale, first, count, start, shares: Int32Array.from(shares) };
}

/** Whole numbers throughout: twice as fast as floats here. */
function shrinkByArea(image: RgbImage, columns: AreaWeights, rows: AreaWeights, target: PixelTarget): void {
  const { rgb } = image;
  const { data, scale, offset } = target;
  const { pixel, channel } = stridesOf(target);
  const { first, count, start, shares } = columns;
  const [sr, sg, sb] = [scale[0] / 65536, scale[1] / 65536, scale[2] / 65536];
  const [or, og, ob] = offset;
  const rowStride = image.width * 3;
  let at = 0;
  for (let y = 0; y < target.height; y++) {
    const top = rows.first[y]! * rowStride;
    const rowCount = rows.count[y]!;
    const rowStart = rows.start[y]!;
    for (let x = 0; x < target.width; x++, at += pixel) {
      let r = 0;
      let g = 0;
      let b = 0;
      const from = start[x]!;
      const to = from + count[x]!;
      let rowAt = top + first[x]! * 3;
      for (let k = 0; k < rowCount; k++, rowAt += rowStride) {
        let rowR = 0;
        let rowG = 0;
        let rowB = 0;
        for (let q = from, p = rowAt; q < to; q++, p += 3) {
          const share = shares[q]!;
          rowR = (rowR + Math.imul(rgb[p]!, share)) | 0;
          rowG = (rowG + Math.imul(rgb[p + 1]!, share)) | 0;
          rowB = (rowB + Math.imul(rgb[p + 2]!, share)) | 0;
        }
        const share = rows.shares[rowStart + k]!;
        r = (r + Math.imul(rowR, share)) | 0;
        g = (g + Math.imul(rowG, share)) | 0;
        b = (b + Math.imul(rowB, share)) | 0;
      }
      data[at] = r * sr + or;
      data[at + channel] = g * sg + og;
      data[at + 2 * channel] = b * sb + ob;
    }
  }
}
