import sharp, { type Metadata } from "sharp";
import type { z } from "zod";
import { errorText } from "../core/errors.ts";
import type { RgbImage } from "../pipeline/types.ts";
import { maxPhotoBytes, type photoProblem } from "./protocol.ts";

export type PhotoProblem = z.infer<typeof photoProblem>;

export interface PhotoLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
  /** Larger pictures are shrunk to this longer side while they are decoded. */
  readonly maxSidePx: number;
  readonly timeoutS: number;
}

export const photoLimits: PhotoLimits = {
  maxBytes: maxPhotoBytes,
  maxPixels: 50_000_000,
  maxSidePx: 1600,
  timeoutS: 5,
};

export type DecodedPhoto = { readonly image: RgbImage } | { readonly problem: PhotoProblem; readonly detail: string };

/** Photographs only: formats that are programs (SVG) or documents (PDF) are not opened at all. */
const photoFormats: ReadonlySet<string> = new Set(["jpeg", "png", "webp", "gif", "tiff", "heif", "avif"]);

/**
 * Decodes a photograph from anywhere into upright 8-bit sRGB: EXIF rotation applied, CMYK, grey and 16 bits converted, transparency laid
 * over grey. The header is judged before anything is decoded. Never throws for what the bytes are; the detail is one line for people.
 */
export async function decodePhoto(bytes: Uint8Array, limits: PhotoLimits = photoLimits): Promise<DecodedPhoto> {
  if (bytes.byteLength === 0) return { problem: "empty", detail: "the file is empty" };
  if (bytes.byteLength > limits.maxBytes) {
    return {
      problem: "too-large",
      detail: `the file is ${inMiB(bytes.byteLength)}, at most ${inMiB(limits.maxBytes)} are taken`,
    };
  }
  const refusal = await judgeHeader(bytes, limits);
  if (refusal !== undefined) return refusal;
  try {
    return { image: await decode(bytes, limits) };
  } catch (error) {
    const text = errorText(error);
    if (/timeout/i.test(text)) return { problem: "timeout", detail: `decoding took longer than ${limits.timeoutS} s` };
    return { problem: "corrupt", detail: `the picture is damaged: ${text.slice(0, 200)}` };
  }
}

async function judgeHeader(
  bytes: Uint8Array,
  limits: PhotoLimits,
): Promise<{ problem: PhotoProblem; detail: string } | undefined> {
  let header: Metadata;
  try {
    header = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch {
    return {
      problem: "not-an-image",
      detail: "the file is no picture that can be read; send a JPEG, PNG, WebP, TIFF or AVIF",
    };
  }
  const { format, width = 0, height = 0, pages = 1 } = header;
  if (!photoFormats.has(format ?? "")) {
    return { problem: "not-an-image", detail: `${format} is no photograph; send a JPEG, PNG, WebP, TIFF or AVIF` };
  }
  if (width * height > limits.maxPixels) {
    const detail = `${width} x ${height} pixels are more than ${limits.maxPixels / 1e6} megapixels`;
    return { problem: "too-many-pixels", detail };
  }
  if (pages > 1 || isAnimatedPng(bytes))
    return { problem: "animated", detail: "the file holds several pictures; send one" };
  return undefined;
}

async function decode(bytes: Uint8Array, limits: PhotoLimits): Promise<RgbImage> {
  const { data, info } = await sharp(bytes, { limitInputPixels: limits.maxPixels, failOn: "truncated" })
    .timeout({ seconds: limits.timeoutS })
    .autoOrient()
    .resize(limits.maxSidePx, limits.maxSidePx, { fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#808080" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoding gave ${info.channels} channels`);
  return { rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width: info.width, height: info.height };
}

/** An animated PNG says so in a chunk `acTL` before its first pixels, which the decoder would silently skip. */
function isAnimatedPng(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString("latin1", 1, 4) !== "PNG") return false;
  let at = 8;
  while (at + 8 <= file.length) {
    const type = file.toString("latin1", at + 4, at + 8);
    if (type === "acTL") return true;
    if (type === "IDAT") return false;
    at += 12 + file.readUInt32BE(at);
  }
  return false;
}

function inMiB(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
