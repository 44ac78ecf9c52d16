import { access, copyFile, mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { LintelError } from "../../core/errors.ts";
import { isAbsent } from "../../models/whole-file.ts";
import type { PaintInputs } from "../paint.ts";
import { decodePicture, openPicture } from "../picture.ts";
import { jpegOf } from "./finished-picture.ts";
import { type ArtOrder, jobFiles } from "./protocol.ts";

/** The detector sees at most this much of a picture; it needs no more. */
const lookSidePx = 1600;

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
  const source = await openPicture(file);
  const scale = Math.min(1, lookSidePx / Math.max(source.width, source.height));
  const size = (side: number) => Math.max(1, Math.round(side * scale));
  return jpegOf(await decodePicture(source, { width: size(source.width), height: size(source.height) }), 85);
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
    if (!isAbsent(error)) throw error;
    throw new LintelError("LINTEL_E_UNREADABLE", `${basename(path)} is not there any more`, { cause: error });
  }
}
