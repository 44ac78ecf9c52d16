import { createHash } from "node:crypto";
import { writeWholeFile } from "../../models/whole-file.ts";
import type { Painting } from "../paint.ts";
import { asSharp, type Picture } from "../picture.ts";

/** The contract for the retained topic with the current picture. */
export const maxMqttBytes = 512 * 1000;

export interface WrittenPicture {
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
}

/** Writes `<base>.jpg` for the wall, `<base>.mqtt.jpg` for the broker and, last, `<base>.json`: how it came about. */
export async function writePicture(base: string, title: string, painting: Painting): Promise<WrittenPicture> {
  const { picture, provenance } = painting;
  const jpeg = await jpegOf(picture, 93);
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  await writeWholeFile(`${base}.jpg`, [jpeg]);
  await writeWholeFile(`${base}.mqtt.jpg`, [await fittingJpeg(picture, maxMqttBytes)]);
  const { width, height } = picture;
  const account = { title, picture: { width, height, sha256 }, ...provenance };
  await writeWholeFile(`${base}.json`, [Buffer.from(`${JSON.stringify(account, null, 2)}\n`)]);
  return { width, height, sha256 };
}

/** A JPEG of at most so many bytes: first at falling quality, then smaller. */
export async function fittingJpeg(picture: Picture, maxBytes: number): Promise<Buffer> {
  for (let side = Math.max(picture.width, picture.height); ; side = Math.round(side * 0.8)) {
    for (const quality of [90, 82, 74, 66]) {
      const jpeg = await jpegOf(picture, quality, side);
      if (jpeg.length <= maxBytes) return jpeg;
    }
  }
}

/** JPEG with full colour resolution; `side` shrinks it. */
export function jpegOf(picture: Picture, quality: number, side?: number): Promise<Buffer> {
  const whole = asSharp(picture);
  const sized = side === undefined ? whole : whole.resize(side, side, { fit: "inside", withoutEnlargement: true });
  return sized.jpeg({ quality, chromaSubsampling: "4:4:4" }).toBuffer();
}
