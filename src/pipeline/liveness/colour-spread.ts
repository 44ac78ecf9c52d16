import type { RgbImage } from "../types.ts";
import type { CropRegion } from "./face-crop.ts";

/** Pixels looked at along each side. */
const gridSide = 64;
/** Sum of red, green and blue below which a pixel's colour is mostly noise. */
const minSum = 120;
/** Part of the pixels that must be lighter. */
const minLit = 0.05;

/**
 * How much colours differ within a region: the standard deviation of chromaticity (red and green as parts of the sum), 0 to about 0.5. It
 * is 0 for greyscale and stays small for what an infrared camera tints evenly. Null when too little of the region is lit.
 */
export function colourSpread(image: RgbImage, region: CropRegion): number | null {
  const { rgb, width } = image;
  const stepX = (region.right - region.left) / (gridSide - 1);
  const stepY = (region.bottom - region.top) / (gridSide - 1);
  let [count, red, green, squares] = [0, 0, 0, 0];
  for (let j = 0; j < gridSide; j++) {
    const row = (region.top + Math.round(j * stepY)) * width;
    for (let i = 0; i < gridSide; i++) {
      const p = (row + region.left + Math.round(i * stepX)) * 3;
      const sum = rgb[p]! + rgb[p + 1]! + rgb[p + 2]!;
      if (sum < minSum) continue;
      const r = rgb[p]! / sum;
      const g = rgb[p + 1]! / sum;
      count++;
      red += r;
      green += g;
      squares += r * r + g * g;
    }
  }
  if (count < minLit * gridSide * gridSide) return null;
  return Math.sqrt(Math.max(0, squares / count - (red / count) ** 2 - (green / count) ** 2));
}
