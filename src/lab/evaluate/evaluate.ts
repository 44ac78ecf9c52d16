import { LintelError } from "../../core/errors.ts";
import { euclidean } from "../../pipeline/matching/matrix.ts";
import type { EmbedderName } from "../../pipeline/types.ts";
import { type Acquisition, acquireAll, type FaceSource } from "./acquire.ts";
import { readPairs, readPeople, requireFiles } from "./inputs.ts";
import type { ScoredPair } from "./metrics.ts";
import { type EvaluationReport, makeReport } from "./report.ts";

export interface EvaluateOptions {
  readonly source: FaceSource;
  /** Whose vectors are compared. */
  readonly embedder: EmbedderName;
  /** Told after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Measures verification on labelled pairs. Files are taken from `root`. Throws `LINTEL_E_UNREADABLE` for a bad list. */
export async function evaluatePairs(
  { file, root }: { file: string; root: string },
  options: EvaluateOptions,
): Promise<EvaluationReport> {
  const pairs = await readPairs(file);
  const files = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))];
  await requireFiles(root, files);
  const acquired = await acquireAll(options.source, { root, files }, (done) =>
    options.onProgress?.(done, files.length),
  );
  const vectors = vectorsOf(acquired, options.embedder);
  const scored = pairs.map(({ first, second, isGenuine }, i): ScoredPair => {
    return { distance: distance(vectors.get(first), vectors.get(second)), isGenuine, units: [i, i] };
  });
  return makeReport({
    pairs: bothKinds(scored),
    failedToAcquire: failures(files, acquired),
    identification: undefined,
  });
}

/** Measures verification on all pairs of pictures, and identification with the first picture of each person as the gallery. */
export async function evaluatePeople(directory: string, options: EvaluateOptions): Promise<EvaluationReport> {
  const people = await readPeople(directory);
  const files = people.flatMap((person) => person.files);
  const acquired = await acquireAll(options.source, { root: directory, files }, (done) =>
    options.onProgress?.(done, files.length),
  );
  const vectors = vectorsOf(acquired, options.embedder);
  const pictures = people.flatMap((person, index) =>
    person.files.map((file, place) => ({ person: index, isFirst: place === 0, vector: vectors.get(file) })),
  );
  return makeReport({
    pairs: bothKinds(allPairs(pictures)),
    failedToAcquire: failures(files, acquired),
    identification: identify(pictures),
  });
}

interface Picture {
  readonly person: number;
  readonly isFirst: boolean;
  readonly vector: Float32Array | undefined;
}

function allPairs(pictures: readonly Picture[]): ScoredPair[] {
  const pairs: ScoredPair[] = [];
  for (const [i, p] of pictures.entries()) {
    for (let j = 0; j < i; j++) {
      const q = pictures[j]!;
      pairs.push({
        distance: distance(p.vector, q.vector),
        isGenuine: p.person === q.person,
        units: [p.person, q.person],
      });
    }
  }
  return pairs;
}

/** A picture that could not be used is no right answer, as probe or as the only picture in the gallery. */
function identify(pictures: readonly Picture[]): { probes: number; right: number } | undefined {
  const gallery = pictures.filter((picture) => picture.isFirst);
  const probes = pictures.filter((picture) => !picture.isFirst);
  if (probes.length === 0) return undefined;
  let right = 0;
  for (const probe of probes) {
    let nearest = { distance: Number.POSITIVE_INFINITY, person: -1 };
    for (const { vector, person } of gallery) {
      const found = distance(probe.vector, vector);
      if (found < nearest.distance) nearest = { distance: found, person };
    }
    if (nearest.person === probe.person) right++;
  }
  return { probes: probes.length, right };
}

/** Infinity when a vector is missing. */
function distance(p: Float32Array | undefined, q: Float32Array | undefined): number {
  return p === undefined || q === undefined ? Number.POSITIVE_INFINITY : euclidean(p, q);
}

function vectorsOf(acquired: ReadonlyMap<string, Acquisition>, embedder: EmbedderName): Map<string, Float32Array> {
  const vectors = new Map<string, Float32Array>();
  for (const [file, result] of acquired) {
    if (!("embeddings" in result)) continue;
    const found = result.embeddings.find((embedding) => embedding.embedder === embedder);
    if (found !== undefined) vectors.set(file, found.vector);
  }
  return vectors;
}

function failures(
  files: readonly string[],
  acquired: ReadonlyMap<string, Acquisition>,
): { file: string; reason: string }[] {
  return files.flatMap((file) => {
    const result = acquired.get(file);
    return result !== undefined && "reason" in result ? [{ file, reason: result.reason }] : [];
  });
}

/** Rates need both kinds of pairs. */
function bothKinds(pairs: ScoredPair[]): ScoredPair[] {
  for (const [isGenuine, what] of [
    [true, "of one person"],
    [false, "of two people"],
  ] as const) {
    if (pairs.some((pair) => pair.isGenuine === isGenuine)) continue;
    throw new LintelError("LINTEL_E_UNREADABLE", `there is no pair ${what}`, {
      hint: "Error rates need pairs of one person and pairs of two people.",
    });
  }
  return pairs;
}
