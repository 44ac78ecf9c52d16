import { fusedComparer } from "../../pipeline/matching/face-comparer.ts";
import type { FaceVectors } from "../../pipeline/matching/fusion.ts";
import { euclidean } from "../../pipeline/matching/matrix.ts";
import type { EmbedderName, Embedding } from "../../pipeline/types.ts";

/** By what faces are compared: as the door does, or by one embedder alone. */
export const comparisons = ["fused", "dlib", "faceres"] as const;
export type ComparisonName = (typeof comparisons)[number];

/** Faces as they are compared. All that measures accuracy stands on this. */
export interface Comparison<Face> {
  /** Null for a face without what is needed. */
  faceOf(embeddings: readonly Embedding[]): Face | null;
  distance(a: Face, b: Face): number;
}

/** Which embedders have to run for a comparison. */
export function embeddersFor(name: ComparisonName): readonly [EmbedderName, ...EmbedderName[]] {
  return name === "fused" ? ["dlib", "faceres"] : [name];
}

export const fused: Comparison<FaceVectors> = {
  faceOf: (embeddings) => fusedComparer.vectorsOf(embeddings),
  distance: (a, b) => fusedComparer.distance(a, b),
};

export function byEmbedder(name: EmbedderName): Comparison<Float32Array> {
  return {
    faceOf: (embeddings) => embeddings.find(({ embedder }) => embedder === name)?.vector ?? null,
    distance: euclidean,
  };
}
