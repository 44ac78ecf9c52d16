import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import sharp, { type Metadata, type Sharp } from "sharp";
import { errorText, LintelError } from "../core/errors.ts";
import type { CanvasSize } from "./graph/forward.ts";

/** A picture in memory: rows of red, green, blue, 0 to 255. */
export interface Picture {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture file that was looked at but not yet decoded. */
export interface PictureSource {
  readonly name: string;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
  /** Upright. */
  readonly width: number;
  readonly height: number;
}

const limits = { bytes: 64 * 1024 * 1024, pixels: 200_000_000, shortestSide: 8, decodingS: 30 } as const;
const formats: ReadonlySet<string> = new Set(["jpeg", "png", "webp", "tiff", "heif", "avif"]);
const readable = "name a JPEG, PNG, WebP, TIFF or AVIF picture";

/** Reads a file and its header. Throws `LINTEL_E_UNREADABLE` (one line, what and how to mend it) when painting cannot use it. */
export async function openPicture(file: string): Promise<PictureSource> {
  const bytes = await readPictureFile(file);
  const header = await headerOf(file, bytes);
  const { width, height } = header.autoOrient;
  if (!formats.has(header.format)) throw refused(file, `is ${header.format}, which is no picture for painting`);
  if (Math.min(width, height) < limits.shortestSide) {
    const message = `is ${width} x ${height} pixels, too small to paint from`;
    throw refused(file, message, `use a picture of at least ${limits.shortestSide} x ${limits.shortestSide} pixels`);
  }
  if (width * height > limits.pixels) {
    const message = `has ${Math.round((width * height) / 1e6)} megapixels, more than ${limits.pixels / 1e6}`;
    throw refused(file, message, "shrink it first");
  }
  return { name: basename(file), sha256: createHash("sha256").update(bytes).digest("hex"), bytes, width, height };
}

/**
 * Decodes to exactly this size: upright, sRGB, transparency laid over white, grey and CMYK converted; what does not fit the aspect is cut
 * off evenly. Throws `LINTEL_E_UNREADABLE` when the pixels are damaged.
 */
export async function decodePicture(source: PictureSource, size: CanvasSize): Promise<Picture> {
  try {
    const { data, info } = await decoder(source)
      .resize(size.width, size.height, { fit: "cover", kernel: "lanczos3" })
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`decoding gave ${info.channels} channels`);
    return {
      rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      width: info.width,
      height: info.height,
    };
  } catch (cause) {
    throw refused(source.name, `cannot be decoded: ${errorText(cause).slice(0, 200)}`, "the file is damaged", cause);
  }
}

/** A part of a picture that lies within it. */
export function cropPicture(
  picture: Picture,
  part: CanvasSize & { readonly left: number; readonly top: number },
): Picture {
  const { width, height, left, top } = part;
  const rgb = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 3 * ((top + y) * picture.width + left);
    rgb.set(picture.rgb.subarray(from, from + 3 * width), 3 * y * width);
  }
  return { rgb, width, height };
}

/** Pixels as a sharp picture, to be encoded or laid out. */
export function asSharp({ rgb, width, height }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/** As the extension of the file says: `.jpg`, `.png` or `.webp`. Throws `LINTEL_E_USAGE` for another one. */
export async function encodePicture(picture: Picture, file: string): Promise<Uint8Array> {
  const image = asSharp(picture);
  const extension = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase();
  if (extension === "jpg" || extension === "jpeg")
    return image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" }).toBuffer();
  if (extension === "png") return image.png().toBuffer();
  if (extension === "webp") return image.webp({ quality: 90 }).toBuffer();
  throw new LintelError("LINTEL_E_USAGE", `${file}: this kind of file is not written`, {
    hint: "end the name with .jpg, .png or .webp",
  });
}

// --- internal ---

function decoder(source: PictureSource): Sharp {
  return sharp(source.bytes, { limitInputPixels: limits.pixels, failOn: "truncated", sequentialRead: true })
    .timeout({ seconds: limits.decodingS })
    .autoOrient();
}

async function readPictureFile(file: string): Promise<Uint8Array> {
  try {
    const about = await stat(file);
    if (!about.isFile()) throw refused(file, "is not a file", readable);
    if (about.size === 0) throw refused(file, "is empty", readable);
    if (about.size > limits.bytes)
      throw refused(file, `is larger than ${limits.bytes / 1024 / 1024} MiB`, "shrink it first");
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw refused(file, `cannot be read: ${errorText(cause)}`, readable, cause);
  }
}

async function headerOf(file: string, bytes: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw refused(file, "is no picture that can be read", readable, cause);
  }
}

function refused(file: string, what: string, hint: string = readable, cause?: unknown): LintelError {
  return new LintelError("LINTEL_E_UNREADABLE", `${file} ${what}`, { hint, ...(cause === undefined ? {} : { cause }) });
}
