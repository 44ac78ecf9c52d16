import type { PixelTarget } from "../resample.ts";
import type { Box, RgbImage } from "../types.ts";

/** Part of a picture in whole pixels, the last row and column included. */
export interface CropRegion {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** How many times the face's box the crop was meant to hold, as far as the picture is large enough for it. */
  readonly scale: number;
}

/**
 * What happens to a crop that reaches over the border: `shift` moves it back inside and keeps its size, `clip` cuts it off, which
 * changes the proportions of the face.
 */
export type CropRule = "shift" | "clip";

export interface CropOptions {
  /** How many times the face's box the crop holds. */
  readonly scale: number;
  readonly rule: CropRule;
}

/**
 * The surroundings of a face as the MiniFASNet networks were trained on them (`generate_patches.py` of
 * minivision-ai/Silent-Face-Anti-Spoofing for `shift`; its users' `clip`). The box is that of the detector, in pixels of the upright
 * picture, cut to whole numbers. Null for a box without area, or one that leaves nothing of the picture.
 */
export function cropRegion(
  picture: { width: number; height: number },
  box: Box,
  options: CropOptions,
): CropRegion | null {
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(Math.trunc) as [
    number,
    number,
    number,
    number,
  ];
  if (!(width > 0 && height > 0)) return null;
  const lastX = picture.width - 1;
  const lastY = picture.height - 1;
  const scale = Math.min(lastY / height, lastX / width, options.scale);
  const place = options.rule === "shift" ? shifted : clipped;
  const [left, right] = place(x + width / 2, width * scale, lastX);
  const [top, bottom] = place(y + height / 2, height * scale, lastY);
  return right >= left && bottom >= top ? { left, top, right, bottom, scale } : null;
}

/**
 * Fills a network's input with the crop, blue first: stretched to the input's proportions as OpenCV's INTER_LINEAR does, which neither
 * averages when it shrinks nor keeps fractions of a grey level. The region must lie inside the picture.
 */
export function fillCrop(image: RgbImage, region: CropRegion, target: PixelTarget): void {
  const { rgb, width } = image;
  const { data, scale, offset } = target;
  const plane = target.width * target.height;
  const [pixel, channel] = target.layout === "nchw" ? [1, plane] : [3, 1];
  const columns = axisOf(region.left, region.right, target.width);
  const rows = axisOf(region.top, region.bottom, target.height);
  let at = 0;
  for (let y = 0; y < target.height; y++) {
    const above = rows.low[y]! * width;
    const below = rows.high[y]! * width;
    const v = rows.share[y]!;
    for (let x = 0; x < target.width; x++, at += pixel) {
      const left = columns.low[x]!;
      const right = columns.high[x]!;
      const u = columns.share[x]!;
      const p = (above + left) * 3;
      const q = (above + right) * 3;
      const r = (below + left) * 3;
      const s = (below + right) * 3;
      for (let c = 0; c < 3; c++) {
        const upper = rgb[p + c]! * (1 - u) + rgb[q + c]! * u;
        const lower = rgb[r + c]! * (1 - u) + rgb[s + c]! * u;
        const value = Math.floor(upper * (1 - v) + lower * v + 0.5);
        data[at + (2 - c) * channel] = value * scale[c]! + offset[c]!;
      }
    }
  }
}

// --- internal ---

/** First and last pixel of a stretch of the given length around a centre, after the rule. */
function shifted(centre: number, length: number, last: number): [number, number] {
  let from = centre - length / 2;
  let to = centre + length / 2;
  if (from < 0) [from, to] = [0, to - from];
  if (to > last) [from, to] = [from - (to - last), last];
  return [Math.max(0, Math.trunc(from)), Math.trunc(to)];
}

function clipped(centre: number, length: number, last: number): [number, number] {
  return [Math.max(0, Math.trunc(centre - length / 2)), Math.min(last, Math.trunc(centre + length / 2))];
}

/** For each target pixel along one axis: the two picture pixels around it and the share of the second. */
interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float64Array;
}

function axisOf(first: number, last: number, length: number): Axis {
  const count = last - first + 1;
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  const share = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const place = Math.min(count - 1, Math.max(0, ((i + 0.5) * count) / length - 0.5));
    low[i] = first + Math.floor(place);
    high[i] = Math.min(last, low[i]! + 1);
    share[i] = place - Math.floor(place);
  }
  return { low, high, share };
}
