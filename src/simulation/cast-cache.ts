import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { FaceMesh } from "../pipeline/types.ts";
import type { PixelRect } from "./photographs.ts";
import type { Silhouette } from "./silhouette.ts";

/**
 * What was measured on a photograph: where the faces are, their meshes and silhouettes. Kept as JSON, one file a
 * photograph, named by its SHA-256, so that a start needs no network; holds no pixels.
 */
export interface MeasuredFace {
  readonly crop: PixelRect;
  /** In pixels of the crop. */
  readonly mesh: FaceMesh;
  readonly silhouette: Silhouette;
}

/** Part of the file's name: raise it when the way of measuring changes. */
const version = 1;
const count = z.number().int().nonnegative();

const faces = z.array(
  z.object({
    crop: z.object({ left: count, top: count, width: count.positive(), height: count.positive() }),
    points: z.base64(),
    confidence: z.number(),
    silhouette: z.object({ values: z.base64(), width: count, height: count, cellPx: z.number().positive() }),
  }),
);

export function cacheFile(directory: string, sha256: string): string {
  return join(directory, `cast-${sha256.slice(0, 32)}-v${version}.json`);
}

/** Undefined when there is no such file or it is damaged: then the photograph is measured again. */
export async function readMeasured(file: string): Promise<MeasuredFace[] | undefined> {
  try {
    const found = faces.parse(JSON.parse(await readFile(file, "utf8")));
    return found.map(({ crop, points, confidence, silhouette }) => {
      const { width, height, cellPx } = silhouette;
      const values = Uint8Array.from(Buffer.from(silhouette.values, "base64"));
      const mesh = { points: floats(points), confidence };
      if (values.length !== width * height || mesh.points.length !== 1404) throw new RangeError("wrong length");
      return { crop, mesh, silhouette: { values, width, height, cellPx } };
    });
  } catch {
    return undefined;
  }
}

/** Writes beside and renames, so that a reader never sees half a file. */
export async function writeMeasured(file: string, measured: readonly MeasuredFace[]): Promise<void> {
  const text = JSON.stringify(
    measured.map(({ crop, mesh, silhouette }) => ({
      crop,
      points: base64(mesh.points),
      confidence: mesh.confidence,
      silhouette: { ...silhouette, values: base64(silhouette.values) },
    })),
  );
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, text);
  await rename(beside, file);
}

// --- internal ---

function base64(numbers: Float32Array | Uint8Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}

function floats(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readFloatLE(4 * i));
}
