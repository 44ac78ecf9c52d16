import { type PixelTarget, stridesOf } from "../resample.ts";
import type { RgbImage } from "../types.ts";
import type { AreaWeights } from "./weights.ts";

/** Where every target pixel takes its part of the picture. */
export interface AreaGrid {
  readonly columns: AreaWeights;
  readonly rows: AreaWeights;
}

/** The exact mean under each target pixel. Whole numbers throughout: twice as fast as floats here. */
export function shrinkByArea(image: RgbImage, { columns, rows }: AreaGrid, target: PixelTarget): void {
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
