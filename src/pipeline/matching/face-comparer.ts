import type { Embedding } from "../types.ts";
import { type FaceVectors, faceDistance, faceVectors, fusedDistance } from "./fusion.ts";
import type { TrainedModel } from "./trained.ts";

/**
 * How two faces are compared. A comparer's distance lies on the scale of the first embedder and is at most `maxGain` of the fusion
 * below the first embedder's own: searches rely on that.
 */
export interface FaceComparer {
  /** What is kept of a face to compare it by; null when it has no usable vector of the first embedder. */
  vectorsOf(embeddings: readonly Embedding[]): FaceVectors | null;
  distance(a: FaceVectors, b: FaceVectors): number;
  /**
   * The least that `distance` can be where the first embedder's own distance is `dlib` or more and the second's `faceres` or more; null:
   * it is compared without the second.
   */
  leastDistance(dlib: number, faceres: number | null): number;
  /** What was trained, where it compares by that: another thread makes the same comparer of it. */
  readonly model?: TrainedModel;
}

/** What holds until a door has trained something better. */
export const fusedComparer: FaceComparer = {
  vectorsOf: faceVectors,
  distance: faceDistance,
  leastDistance: (dlib, faceres) => (faceres === null ? dlib : fusedDistance(dlib, faceres)),
};
