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
import {
  averagingKernel,
  averagingState,
  interpolationKernel,
  interpolationState,
  maxRowBytes,
  wholeNumberBits,
} from "./kernel.ts";

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
    const base = wholeNumberBits + opened.pictureAt - rows.from * rowBytes;
    for (const bases of opened.bases) bases.fill(base);
    const { a, d } = map;
    opened.interpolation.set([2 * a, 2 * a, 2 * d, 2 * d], 2 * interpolationState.stepX);
    const fillRow = way === "interpolate" ? interpolate : average;
    for (let y = 0; y < this.#target.height; y++) fillRow(opened, image, map, y);
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
  readonly interpolation: Float64Array;
  readonly averaging: Float64Array;
  /** In both states: what makes an address of a place that is counted from the picture's first row. */
  readonly bases: readonly Float64Array[];
  readonly pictureAt: number;
  /** Between neighbouring pixels of the result. */
  readonly pixelBytes: number;
  readonly picture: Uint8Array;
  /** The target with its numbers in the memory of the kernels. */
  readonly target: PixelTarget;
}

/** Where the states of the kernels and the result lie, in bytes. */
const interpolationAt = 0;
const averagingAt = 16 * interpolationState.vectors;
const resultAt = averagingAt + 16 * averagingState.vectors;

function open(target: PixelTarget, { rowBytes, bytes }: { rowBytes: number; bytes: number }): Opened {
  const pictureAt = resultAt + 4 * target.data.length;
  // The kernels read two bytes past the last pixel.
  const { buffer, openKernel } = openKernels(pictureAt + bytes + 16);
  const { pixel, channel } = stridesOf(target);
  const plan = { rowBytes, pixelBytes: 4 * pixel, channelBytes: 4 * channel };
  const interpolation = new Float64Array(buffer, interpolationAt, 2 * interpolationState.vectors);
  const averaging = new Float64Array(buffer, averagingAt, 2 * averagingState.vectors);
  const quarter = target.scale.map((each) => each / 4);
  const floatsAt = (at: number, vector: number) => new Float32Array(buffer, at + 16 * vector, 8);
  floatsAt(interpolationAt, interpolationState.scale).set([...target.scale, 0, ...target.offset, 0]);
  floatsAt(averagingAt, averagingState.scale).set([...quarter, 0, ...target.offset, 0]);
  interpolation.set([3, 3, rowBytes, rowBytes], 2 * interpolationState.bytes);
  averaging.set([3, 3, rowBytes, rowBytes], 2 * averagingState.bytes);
  averaging.set([0.5, 0.5], 2 * averagingState.half);
  averaging.set([1, 1], 2 * averagingState.one);
  const baseOf = (state: Float64Array, vector: number) => state.subarray(2 * (vector + 2), 2 * (vector + 3));
  return {
    ...{ rowBytes, interpolation, averaging, pictureAt, pixelBytes: plan.pixelBytes },
    kernels: { interpolate: openKernel(interpolationKernel(plan)), average: openKernel(averagingKernel(plan)) },
    bases: [baseOf(interpolation, interpolationState.bytes), baseOf(averaging, averagingState.bytes)],
    picture: new Uint8Array(buffer, pictureAt, bytes),
    target: { ...target, data: new Float32Array(buffer, resultAt, target.data.length) },
  };
}

function interpolate(opened: Opened, image: RgbImage, map: Affine, y: number): void {
  const { kernels, interpolation, pixelBytes, target } = opened;
  const { a, b, c, d, e, f } = map;
  const [startX, startY] = [b * y + c, e * y + f];
  const inner = overlap(
    within({ start: startX, step: a, below: image.width - 1 }, target.width),
    within({ start: startY, step: d, below: image.height - 1 }, target.width),
  );
  const pairs = (inner.to - inner.from) >> 1;
  if (pairs > 0) {
    const [left, top] = [startX + a * inner.from, startY + d * inner.from];
    interpolation[0] = left;
    interpolation[1] = left + a;
    interpolation[2] = top;
    interpolation[3] = top + d;
    kernels.interpolate(interpolationAt, resultAt + pixelBytes * (y * target.width + inner.from), pairs, 0, 0);
  }
  const end = inner.from + 2 * pairs;
  if (inner.from > 0) interpolateRow(image, map, { target, y, from: 0, to: inner.from });
  if (end < target.width) interpolateRow(image, map, { target, y, from: end, to: target.width });
}

/** Less the quarter by which the first of two samples lies before the middle. */
const firstSample = -0.25;

function average({ kernels, averaging, pixelBytes, target }: Opened, image: RgbImage, map: Affine, y: number): void {
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
    const { rowsX, shiftX, halfStepX } = averagingState;
    averaging.set([column, column, a, a, d, d]);
    averaging.set([b * rows[0], b * rows[0], b * rows[1], b * rows[1]], 2 * rowsX);
    averaging.set([e * rows[0], e * rows[0], e * rows[1], e * rows[1]], 2 * averagingState.rowsY);
    averaging.set([c, c, f, f], 2 * shiftX);
    averaging.set([0, a / 2, 0, d / 2], 2 * halfStepX);
    const place = resultAt + pixelBytes * (y * target.width + inner.from);
    kernels.average(averagingAt, place, inner.to - inner.from, 0, 0);
  }
  averageRow(image, map, { target, y, from: 0, to: inner.from });
  averageRow(image, map, { target, y, from: inner.to, to: target.width });
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
