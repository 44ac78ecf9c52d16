import type { Embedding } from "../types.ts";
import { fusionParameters } from "./fusion-parameters.ts";
import { euclidean } from "./matrix.ts";
import { monotoneMap } from "./monotone-map.ts";

/**
 * Two descriptors of one face as one distance: score fusion by weighted sum (Kittler et al. 1998, "On combining classifiers"), brought
 * back onto the scale of the first embedder, so that thresholds keep their meaning. Who has no second vector is compared by the first
 * alone; vectors of different embedders never meet.
 */

/** The vectors by which a face is compared. */
export interface FaceVectors {
  /** 128 numbers. */
  readonly dlib: Float32Array;
  /** 1024 numbers of length one; null for people who were enrolled without it. */
  readonly faceres: Float32Array | null;
  /** What a trained model keeps of the face, where one is active (see trained.ts). */
  readonly learned?: Float32Array;
}

const { weight, maxGain, knots } = fusionParameters;
/** The fused distance is at most this much below the first embedder's own. */
export const maxFusionGain = maxGain;
const toFirstScale = monotoneMap(knots);

const vectorLengths = { dlib: 128, faceres: 1024 } as const;

/** What can be compared of these embeddings; null without a usable vector of the first embedder. */
export function faceVectors(embeddings: readonly Embedding[]): FaceVectors | null {
  const usable = (name: "dlib" | "faceres"): Float32Array | null => {
    const vector = embeddings.find(({ embedder }) => embedder === name)?.vector;
    return vector?.length === vectorLengths[name] && vector.every(Number.isFinite) ? vector : null;
  };
  const dlib = usable("dlib");
  return dlib && { dlib, faceres: usable("faceres") };
}

/**
 * The fused distance on the scale of dlib's: over the shipped impostor pairs both have the same false match rate at every value. Never
 * more than `maxGain` below dlib's own distance: what one embedder calls two people the other alone cannot make one.
 */
export function fusedDistance(dlib: number, faceres: number): number {
  return Math.max(toFirstScale(dlib + weight * faceres), dlib - maxGain);
}

/** How far two faces are from each other: fused where both have both vectors, else by the first embedder alone. */
export function faceDistance(a: FaceVectors, b: FaceVectors): number {
  const first = euclidean(a.dlib, b.dlib);
  if (a.faceres === null || b.faceres === null) return first;
  return fusedDistance(first, euclidean(a.faceres, b.faceres));
}

/** What `faceDistance` of these two rests on. */
export function comparedBy(a: FaceVectors, b: FaceVectors): "dlib" | "dlib+faceres" {
  return a.faceres === null || b.faceres === null ? "dlib" : "dlib+faceres";
}
