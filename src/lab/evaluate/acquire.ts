import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AnalysedFace } from "../../pipeline/face-analyser.ts";
import type { Embedding, RgbImage } from "../../pipeline/types.ts";
import { decodePhoto } from "../../vision/decode-photo.ts";

/** A picture as a vector, or why it could not become one. */
export type Acquisition =
  | { readonly file: string; readonly embeddings: readonly Embedding[] }
  | { readonly file: string; readonly reason: string };

/** What is needed of `FaceAnalyser`. */
export interface FaceSource {
  analyse(image: RgbImage): Promise<AnalysedFace[]>;
}

/** Reads, decodes and embeds one picture; of several faces the widest one that can be used. */
export async function acquire(source: FaceSource, root: string, file: string): Promise<Acquisition> {
  const decoded = await decodePhoto(await readFile(join(root, file)));
  if ("problem" in decoded) return { file, reason: decoded.problem };
  const faces = await source.analyse(decoded.image);
  const widest = [...faces].sort(
    (p, q) => Number(isUsable(q)) - Number(isUsable(p)) || q.quality.faceWidthPx - p.quality.faceWidthPx,
  )[0];
  if (widest === undefined) return { file, reason: "no-face" };
  if (!isUsable(widest)) return { file, reason: widest.quality.reasons.join(", ") };
  return { file, embeddings: widest.embeddings };
}

function isUsable(face: AnalysedFace): boolean {
  return face.embeddings.length > 0;
}

/** Acquires every file once, two at a time, so that decoding one overlaps with the networks for the other. */
export async function acquireAll(
  source: FaceSource,
  { root, files }: { root: string; files: readonly string[] },
  onProgress: (done: number) => void,
): Promise<Map<string, Acquisition>> {
  const results = new Map<string, Acquisition>();
  const waiting = [...new Set(files)];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      results.set(file, await acquire(source, root, file));
      onProgress(results.size);
    }
  };
  await Promise.all([work(), work()]);
  return results;
}
