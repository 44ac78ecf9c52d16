import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { LintelError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { type FaceVectors, faceVectors } from "../../pipeline/matching/fusion.ts";
import type { RgbImage } from "../../pipeline/types.ts";
import { decodePhoto } from "../../vision/decode-photo.ts";
import { type Acquisition, acquireAll, type FaceSource } from "../evaluate/acquire.ts";
import { readSets } from "../evaluate/inputs.ts";
import type { LabelledFace } from "./cross-validate.ts";

export interface PhotographOptions {
  /** Altered copies of each picture to train on. */
  readonly copies: number;
  readonly random: Random;
  onProgress?(done: number, total: number): void;
  readonly signal?: AbortSignal | undefined;
}

export interface Photographs {
  readonly faces: readonly LabelledFace[];
  readonly people: number;
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
}

/** What each picture of each person is: file names below `directory`. */
export async function listPhotographs(directory: string): Promise<{ person: number; file: string }[]> {
  const sets = await readSets(directory);
  return sets.flatMap(({ people }) => people).flatMap(({ files }, person) => files.map((file) => ({ person, file })));
}

/**
 * Embeds every picture of a folder of people, and altered copies of it; null when the signal came before all were done. Throws
 * `LINTEL_E_UNREADABLE` for a folder without people.
 */
export async function readFaces(
  source: FaceSource,
  directory: string,
  options: PhotographOptions,
): Promise<Photographs | null> {
  const photographs = await listPhotographs(directory);
  const files = photographs.map(({ file }) => file);
  const acquired = await acquireUntil(source, { root: directory, files }, options);
  if (acquired === null) return null;
  const faces: LabelledFace[] = [];
  const failed: { file: string; reason: string }[] = [];
  for (const [i, { person, file }] of photographs.entries()) {
    if (options.signal?.aborted) return null;
    const found = vectorsOf(acquired.get(file));
    if ("reason" in found) failed.push({ file, reason: found.reason });
    else {
      const variants = await alteredVectors(source, join(directory, file), options);
      faces.push({ person, vectors: found, variants });
    }
    options.onProgress?.(files.length + (i + 1) * options.copies, files.length * (1 + options.copies));
  }
  return { faces, people: 1 + Math.max(-1, ...photographs.map(({ person }) => person)), failed };
}

/** Throws `LINTEL_E_UNREADABLE` when there is too little to learn from. */
export function requireEnough(faces: readonly { readonly person: number }[], leastPeople: number): void {
  const pictures = new Map<number, number>();
  for (const { person } of faces) pictures.set(person, (pictures.get(person) ?? 0) + 1);
  const usable = [...pictures.values()].filter((count) => count >= 2).length;
  if (usable >= leastPeople) return;
  throw new LintelError("LINTEL_E_UNREADABLE", `${usable} people have two usable pictures, ${leastPeople} are needed`, {
    hint: "Give a folder with one folder of pictures for each person.",
  });
}

/** A picture as another moment might have made it: seen in a mirror or not, lighter or darker, a little blurred, tilted up to 8 degrees. */
export async function altered({ rgb, width, height }: RgbImage, random: Random): Promise<RgbImage> {
  const raw = { width, height, channels: 3 as const };
  let picture = sharp(rgb, { raw }).rotate((random() * 2 - 1) * 8, { background: "#808080" });
  if (random() < 0.5) picture = picture.flop();
  picture = picture.linear(0.7 + random() * 0.6, (random() - 0.5) * 30);
  const blur = random() * 1.2;
  if (blur >= 0.3) picture = picture.blur(blur * Math.max(1, width / 300));
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { rgb: new Uint8Array(data), width: info.width, height: info.height };
}

// --- internal ---

/**
 * One after the other: in the last bits of a box it matters to the detector whether the picture before had the same size, and the same seed
 * has to give the same model to the last bit.
 */
async function acquireUntil(
  source: FaceSource,
  { root, files }: { root: string; files: readonly string[] },
  { copies, onProgress, signal }: PhotographOptions,
): Promise<Map<string, Acquisition> | null> {
  const total = files.length * (1 + copies);
  onProgress?.(0, total);
  const acquired = new Map<string, Acquisition>();
  for (const file of files) {
    if (signal?.aborted) return null;
    const found = await acquireAll(source, { root, files: [file] }, () => undefined);
    for (const [name, result] of found) acquired.set(name, result);
    onProgress?.(acquired.size, total);
  }
  return acquired;
}

function vectorsOf(result: Acquisition | undefined): FaceVectors | { readonly reason: string } {
  if (result && "reason" in result) return { reason: result.reason };
  return (result && faceVectors(result.embeddings)) ?? { reason: "no-face" };
}

async function alteredVectors(
  source: FaceSource,
  file: string,
  { copies, random }: PhotographOptions,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const decoded = await decodePhoto(await readFile(file));
    if ("problem" in decoded) return [];
    const [face] = await source.analyse(await altered(decoded.image, random));
    const vector = face && faceVectors(face.embeddings)?.dlib;
    if (vector) vectors.push(vector);
  }
  return vectors;
}
