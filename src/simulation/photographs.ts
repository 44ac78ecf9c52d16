import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { LintelError } from "../core/errors.ts";
import type { RgbImage } from "../pipeline/types.ts";

/** The sample photographs that come with `@vladmandic/face-api`: 6 pictures, used where they lie. */
export const photographNames = ["sample1", "sample2", "sample3", "sample4", "sample5", "sample6"] as const;

export interface Photograph {
  readonly name: string;
  readonly bytes: Buffer;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
}

/** Reads a photograph from the installed package. Throws `LINTEL_E_NOT_FOUND`. */
export async function readPhotograph(name: string): Promise<Photograph> {
  try {
    const home = dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json"));
    const bytes = await readFile(join(home, "demo", `${name}.jpg`));
    return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  } catch (cause) {
    throw new LintelError(
      "LINTEL_E_NOT_FOUND",
      `the sample photograph ${name}.jpg of @vladmandic/face-api is missing`,
      {
        hint: "Install the packages again: npm ci.",
        cause,
      },
    );
  }
}

export async function decodePhotograph(photograph: Photograph): Promise<RgbImage> {
  const { data, info } = await sharp(photograph.bytes)
    .rotate()
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

export interface PixelRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Copies a rectangle that lies within the picture. */
export function crop(image: RgbImage, rect: PixelRect): RgbImage {
  const rgb = new Uint8Array(rect.width * rect.height * 3);
  for (let y = 0; y < rect.height; y++) {
    const start = ((rect.top + y) * image.width + rect.left) * 3;
    rgb.set(image.rgb.subarray(start, start + rect.width * 3), y * rect.width * 3);
  }
  return { rgb, width: rect.width, height: rect.height };
}
