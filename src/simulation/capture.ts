import sharp from "sharp";
import type { RgbImage } from "../pipeline/types.ts";

/** A picture as a camera that compresses delivers it: to JPEG of the quality (1 to 100) and back. */
export async function throughJpeg({ rgb, width, height }: RgbImage, quality: number): Promise<Uint8Array> {
  // Huffman tables made for the picture would save bytes that nobody counts; the pixels are the same.
  const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, optimiseCoding: false })
    .toBuffer();
  return sharp(jpeg).raw().toBuffer();
}
