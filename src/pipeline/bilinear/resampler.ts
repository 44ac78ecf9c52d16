import type { Affine } from "../geometry.ts";
import { type Kernel, openKernels } from "../kernel-memory.ts";
import {
  averageRow,
  interpolateRow,
  isInterpolated,
  type PixelTarget,
  resample,
  samplesEach,
  stridesOf,
} from "../resample.ts";
import type { RgbImage } from "../types.ts";
import { averagingKernel, interpolationKernel, maxRowBytes } from "./kernel.ts";

/**
 * `resample` for one target that is filled again and again: what is interpolated, or averaged of 2 x 2 samples (a near face of 1280x720), is
 * computed by WebAssembly, after the rows of the picture that are needed were copied into its memory. Differs from `resample` by the
 * rounding of 32-bit floats. Photographs that are too wide or too large for a camera's are left to `resample`.
 */
export class Resampler {
  readonly #target: PixelTarget;
  #opened: Opened | undefined;

  constructor(target: PixelTarget) {
    this.#target = target;
  }

  fill(image: RgbImage, map: Affine): void {
    const rowBytes = 3 * image.width;
    const rows = rowsUnder(map, this.#target, image.height);
    const way = isInterpolated(map) ? "interpolate" : samplesEach(map) === 2 ? "average" : undefined;
    if (way === undefined || rowBytes > maxRowBytes || rows === undefined) {
      resample(image, map, this.#target);
      return;
    }
    const bytes = (rows.to - rows.from) * rowBytes;
    if (this.#opened?.rowBytes !== rowBytes || this.#opened.picture.length < bytes) {
      this.#opened = open(this.#target, { rowBytes, bytes: Math.ceil(1.5 * bytes) });
    }
    const opened = this.#opened;
    opened.picture.set(image.rgb.subarray(rows.from * rowBytes, rows.to * rowBytes));
    const picture = opened.places.picture - rows.from * rowBytes;
    const fillRow = way === "interpolate" ? interpolate : average;
    for (let y = 0; y < this.#target.height; y++) fillRow(opened, image, { map, y, picture });
    this.#target.data.set(opened.target.data);
  }
}

// --- internal ---

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Opened {
  readonly rowBytes: number;
  readonly kernels: { readonly interpolate: Kernel; readonly average: Kernel };
  readonly places: typeof places & { readonly picture: number };
  readonly interpolation: Float64Array;
  readonly averaging: Float64Array;
  readonly picture: Uint8Array;
  /** The target with its numbers in the memory of the kernels. */
  readonly target: PixelTarget;
}

/** Where the states of the kernels and the result lie, in bytes. */
const places = { interpolation: 0, averaging: 64, result: 64 + 160 } as const;

function open(target: PixelTarget, { rowBytes, bytes }: { rowBytes: number; bytes: number }): Opened {
  const picture = places.result + 4 * target.data.length;
  // The kernels read a byte past the last pixel.
  const { buffer, openKernel } = openKernels(picture + bytes + 16);
  const { pixel, channel } = stridesOf(target);
  const plan = { rowBytes, pixelBytes: 4 * pixel, channelBytes: 4 * channel };
  const quarter = target.scale.map((each) => each / 4);
  new Float32Array(buffer, places.interpolation + 32, 8).set([...target.scale, 0, ...target.offset, 0]);
  new Float32Array(buffer, places.averaging + 128, 8).set([...quarter, 0, ...target.offset, 0]);
  return {
    rowBytes,
    kernels: { interpolate: openKernel(interpolationKernel(plan)), average: openKernel(averagingKernel(plan)) },
    places: { ...places, picture },
    interpolation: new Float64Array(buffer, places.interpolation, 4),
    averaging: new Float64Array(buffer, places.averaging, 16),
    picture: new Uint8Array(buffer, picture, bytes),
    target: { ...target, data: new Float32Array(buffer, places.result, target.data.length) },
  };
}

/** A row of the target; `picture`: where its first row would lie in the memory. */
interface Row {
  readonly map: Affine;
  readonly y: number;
  readonly picture: number;
}

function interpolate({ kernels, interpolation, target }: Opened, image: RgbImage, { map, y, picture }: Row): void {
  const startX = map.b * y + map.c;
  const startY = map.e * y + map.f;
  const inner = overlap(
    within({ start: startX, step: map.a, below: image.width - 1 }, target.width),
    within({ start: startY, step: map.d, below: image.height - 1 }, target.width),
  );
  if (inner.to > inner.from) {
    interpolation[0] = startX + map.a * inner.from;
    interpolation[1] = startY + map.d * inner.from;
    interpolation[2] = map.a;
    interpolation[3] = map.d;
    kernels.interpolate(places.interpolation, placeOf(target, y, inner.from), inner.to - inner.from, picture, 0);
  }
  interpolateRow(image, map, { target, y, from: 0, to: inner.from });
  interpolateRow(image, map, { target, y, from: inner.to, to: target.width });
}

/** Less the quarter by which the first of two samples lies before the middle. */
const firstSample = -0.25;

function average({ kernels, averaging, target }: Opened, image: RgbImage, { map, y, picture }: Row): void {
  const { a, b, c, d, e, f } = map;
  const rows = [y + firstSample, y + firstSample + 0.5] as const;
  let inner: Span = { from: 0, to: target.width };
  for (const v of rows) {
    for (const u of [firstSample, firstSample + 0.5]) {
      inner = overlap(inner, within({ start: a * u + b * v + c + 0.5, step: a, below: image.width }, target.width));
      inner = overlap(inner, within({ start: d * u + e * v + f + 0.5, step: d, below: image.height }, target.width));
    }
  }
  if (inner.to > inner.from) {
    const column = inner.from + firstSample;
    averaging.set([column, column, a, d, b * rows[0], e * rows[0], b * rows[1], e * rows[1]]);
    averaging.set([c, f, 0.5, 0.5, a / 2, d / 2, 1, 1], 8);
    kernels.average(places.averaging, placeOf(target, y, inner.from), inner.to - inner.from, picture, 0);
  }
  averageRow(image, map, { target, y, from: 0, to: inner.from });
  averageRow(image, map, { target, y, from: inner.to, to: target.width });
}

function placeOf(target: PixelTarget, y: number, x: number): number {
  return places.result + 4 * stridesOf(target).pixel * (y * target.width + x);
}

/** A thousandth of a pixel from the border the careful way begins, so that no rounding leads outside. */
const margin = 1e-3;

/** The pixels of a row for which `start + step * x` lies in the picture, a neighbour beside it; an empty span where there are none. */
function within({ start, step, below }: { start: number; step: number; below: number }, width: number): Span {
  const [low, high] = [margin - start, below - margin - start];
  if (step === 0) return low <= 0 && high > 0 ? { from: 0, to: width } : { from: 0, to: 0 };
  const [first, last] = step > 0 ? [low / step, high / step] : [high / step, low / step];
  // Not a number is no place inside either.
  if (!(last >= first)) return { from: 0, to: 0 };
  const from = Math.min(width, Math.max(0, Math.ceil(first)));
  return { from, to: Math.max(from, Math.min(width, Math.floor(last) + 1)) };
}

function overlap(a: Span, b: Span): Span {
  const from = Math.max(a.from, b.from);
  return { from, to: Math.max(from, Math.min(a.to, b.to)) };
}

/** The rows of the picture that the target looks at; undefined where there are none, or places that are no numbers. */
function rowsUnder({ d, e, f }: Affine, { width, height }: PixelTarget, imageHeight: number): Span | undefined {
  const corners = [f, f + d * (width - 1), f + e * (height - 1), f + d * (width - 1) + e * (height - 1)];
  const from = Math.max(0, Math.floor(Math.min(...corners)) - 3);
  const to = Math.min(imageHeight, Math.ceil(Math.max(...corners)) + 4);
  return to > from ? { from, to } : undefined;
}
