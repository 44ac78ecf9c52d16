import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { LintelError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import { faceVectors } from "../../pipeline/matching/fusion.ts";
import type { RgbImage } from "../../pipeline/types.ts";
import { decodePhoto } from "../../vision/decode-photo.ts";
import { acquireAll, type FaceSource } from "../evaluate/acquire.ts";
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

/** Embeds every picture of a folder of people, and altered copies of it. Throws `LINTEL_E_UNREADABLE` for a folder without people. */
export async function readFaces(
  source: FaceSource,
  directory: string,
  options: PhotographOptions,
): Promise<Photographs> {
  const photographs = await listPhotographs(directory);
  const files = photographs.map(({ file }) => file);
  const total = files.length * (1 + options.copies);
  const acquired = await acquireAll(source, { root: directory, files }, (done) => options.onProgress?.(done, total));
  const faces: LabelledFace[] = [];
  const failed: { file: string; reason: string }[] = [];
  let done = files.length;
  for (const { person, file } of photographs) {
    const result = acquired.get(file);
    const vectors = result && "embeddings" in result ? faceVectors(result.embeddings) : null;
    if (!vectors) failed.push({ file, reason: result && "reason" in result ? result.reason : "no-face" });
    const variants: Float32Array[] = [];
    for (let copy = 0; copy < options.copies; copy++) {
      options.signal?.throwIfAborted();
      const altered = vectors ? await alteredVector(source, join(directory, file), options.random) : null;
      if (altered) variants.push(altered);
      options.onProgress?.(++done, total);
    }
    if (vectors) faces.push({ person, vectors, variants });
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

async function alteredVector(source: FaceSource, file: string, random: Random): Promise<Float32Array | null> {
  const decoded = await decodePhoto(await readFile(file));
  if ("problem" in decoded) return null;
  const [face] = await source.analyse(await altered(decoded.image, random));
  return face ? (faceVectors(face.embeddings)?.dlib ?? null) : null;
}
