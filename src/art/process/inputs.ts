import { access, copyFile, mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp from "sharp";
import { errorText, LintelError } from "../../core/errors.ts";
import type { PaintInputs } from "../paint.ts";
import { type ArtOrder, jobFiles } from "./protocol.ts";

/** The detector sees at most this much of a picture; it needs no more. */
const lookSidePx = 1600;
/** Larger pictures are refused before they are decoded. */
const maxPixels = 120_000_000;

/**
 * Copies the inputs into the job's folder at the first attempt. What was looked at is then what is painted, and a painting
 * goes on the next night although its photograph was replaced or taken away meanwhile.
 */
export async function keepInputs({ content, styles, jobDirectory }: ArtOrder): Promise<PaintInputs> {
  const keep = async ({ path }: { path: string }, slot: string) => ({ file: await keepOne(path, jobDirectory, slot) });
  const kept = [];
  for (const [index, style] of styles.entries()) {
    kept.push({ ...(await keep(style, `style-${index + 1}`)), weight: style.weight });
  }
  return { styles: kept, ...(content ? { content: await keep(content, "content") } : {}) };
}

/** A small upright copy for the detector, JPEG. Throws `LINTEL_E_UNREADABLE`. */
export async function smallCopy(file: string): Promise<Buffer> {
  try {
    return await sharp(file, { limitInputPixels: maxPixels, failOn: "truncated" })
      .autoOrient()
      .resize(lookSidePx, lookSidePx, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: "#808080" })
      .toColourspace("srgb")
      .jpeg({ quality: 85 })
      .toBuffer();
  } catch (error) {
    throw new LintelError("LINTEL_E_UNREADABLE", `${basename(file)} cannot be painted: ${errorText(error)}`, {
      hint: "Put a whole JPEG, PNG, WebP, TIFF or AVIF of at most 120 megapixels there.",
      cause: error,
    });
  }
}

// --- internal ---

async function keepOne(path: string, jobDirectory: string, slot: string): Promise<string> {
  const folder = join(jobDirectory, jobFiles.inputs, slot);
  const kept = join(folder, basename(path));
  try {
    await access(kept);
    return kept;
  } catch {
    // Not there yet.
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await copyFile(path, `${kept}.part`);
    await rename(`${kept}.part`, kept);
    return kept;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new LintelError("LINTEL_E_UNREADABLE", `${basename(path)} is not there any more`, { cause: error });
    }
    throw error;
  }
}
