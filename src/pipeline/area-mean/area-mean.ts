import { type Kernel, openKernels } from "../kernel-memory.ts";
import { type PixelTarget, stridesOf } from "../resample.ts";
import type { RgbImage } from "../types.ts";
import { blendKernel, blendStep, gatherKernel, tableEntry } from "./kernels.ts";
import type { AreaGrid } from "./plain.ts";
import { type AreaWeights, mostTaps } from "./weights.ts";

/**
 * The exact mean under each target pixel for pictures of one size, by WebAssembly: rows first, sixteen bytes at a time, then columns, three
 * channels at a time. The same whole numbers as in `plain.ts`, so that only the last bit of a result may differ. The picture is copied into
 * the memory of the kernels (0.9 MB at 640x480) and the result out of it.
 */
export class AreaMean {
  readonly #rows: AreaWeights;
  readonly #target: PixelTarget;
  readonly #rowTaps: number;
  readonly #rowBytes: number;
  readonly #places: Places;
  readonly #picture: Uint8Array;
  readonly #result: Float32Array;
  readonly #blend: Kernel;
  readonly #gather: Kernel;

  constructor(size: { width: number; height: number }, { columns, rows }: AreaGrid, target: PixelTarget) {
    const [rowTaps, columnTaps] = [mostTaps(rows), mostTaps(columns)];
    const rowBytes = 3 * size.width;
    const places = layOut({ rowTaps, columnTaps, rowBytes, height: size.height, target });
    const { buffer, openKernel } = openKernels(places.end);
    this.#rows = rows;
    this.#target = target;
    this.#rowTaps = rowTaps;
    this.#rowBytes = rowBytes;
    this.#places = places;
    this.#picture = new Uint8Array(buffer, places.picture, rowBytes * size.height);
    this.#result = new Float32Array(buffer, places.result, target.data.length);
    const { pixel, channel } = stridesOf(target);
    this.#blend = openKernel(blendKernel({ rowTaps, rowBytes }));
    this.#gather = openKernel(
      gatherKernel({ columnTaps, blended: places.blended, pixelBytes: 4 * pixel, channelBytes: 4 * channel }),
    );
    new Uint16Array(buffer, places.rowShares, target.height * rowTaps).set(rowShares(rows, rowTaps));
    new Int32Array(buffer, places.table, target.width * tableEntry(columnTaps)).set(columnTable(columns, columnTaps));
    const scale = target.scale.map((each) => each / 65_536);
    new Float32Array(buffer, places.range, 8).set([...scale, 0, ...target.offset, 0]);
    fillBlack(this.#result, target);
  }

  /** `image` has the size that the kernels were made for. */
  fill({ rgb }: RgbImage): void {
    const { picture, rowShares, blended, table, range, result } = this.#places;
    const { width, height, data } = this.#target;
    const { first, count } = this.#rows;
    const resultRowBytes = 4 * stridesOf(this.#target).pixel * width;
    const turns = Math.ceil(this.#rowBytes / blendStep);
    this.#picture.set(rgb);
    for (let y = 0; y < height; y++) {
      if (count[y] === 0) continue;
      this.#blend(picture + first[y]! * this.#rowBytes, rowShares + 2 * this.#rowTaps * y, blended, turns, 0);
      this.#gather(table, range, result + resultRowBytes * y, width, 0);
    }
    data.set(this.#result);
  }
}

// --- internal ---

/** Addresses in the memory, in bytes. */
interface Places {
  readonly picture: number;
  readonly blended: number;
  readonly result: number;
  readonly rowShares: number;
  readonly table: number;
  readonly range: number;
  readonly end: number;
}

/** Room is left where the kernels read or write past the end: whole steps of a row, and taps whose share is zero. */
function layOut(sizes: {
  rowTaps: number;
  columnTaps: number;
  rowBytes: number;
  height: number;
  target: PixelTarget;
}): Places {
  const { rowTaps, columnTaps, rowBytes, height, target } = sizes;
  let end = 0;
  const take = (bytes: number): number => {
    const place = end;
    end += Math.ceil(bytes / 16) * 16;
    return place;
  };
  const places = {
    picture: take(rowBytes * (height + rowTaps) + blendStep),
    blended: take(2 * (rowBytes + blendStep) + 6 * columnTaps + 16),
    result: take(4 * target.data.length),
    rowShares: take(2 * rowTaps * target.height),
    table: take(4 * tableEntry(columnTaps) * target.width),
    range: take(4 * 8),
  };
  return { ...places, end };
}

/** The shares of every target row, filled up with zeros to the same number. */
function rowShares({ count, start, shares }: AreaWeights, taps: number): Uint16Array {
  const filled = new Uint16Array(count.length * taps);
  count.forEach((own, y) => {
    filled.set(shares.subarray(start[y], start[y]! + own), y * taps);
  });
  return filled;
}

function columnTable({ first, count, start, shares }: AreaWeights, taps: number): Int32Array {
  const each = tableEntry(taps);
  const table = new Int32Array(count.length * each);
  count.forEach((own, x) => {
    table[x * each] = 6 * first[x]!;
    table.set(shares.subarray(start[x], start[x]! + own), x * each + 1);
  });
  return table;
}

function fillBlack(result: Float32Array, target: PixelTarget): void {
  const { pixel, channel } = stridesOf(target);
  for (let at = 0; at < target.width * target.height; at++) {
    for (let c = 0; c < 3; c++) result[at * pixel + c * channel] = target.offset[c]!;
  }
}
