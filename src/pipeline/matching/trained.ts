import type { Embedding } from "../types.ts";
import type { FaceComparer } from "./face-comparer.ts";
import { type FaceVectors, faceVectors, fusedDistance, maxFusionGain } from "./fusion.ts";
import { euclidean } from "./matrix.ts";
import { type Knot, monotoneMap } from "./monotone-map.ts";

/** A matrix and what is added: `output = input * matrix + bias`, `matrix[i * outputs + o]`. */
export interface Layer {
  readonly matrix: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Something trained on top of the frozen first embedder. `knots` bring its distance onto the scale of that embedder, by equal false match
 * rates on people it was not trained on.
 *
 * - `adapter`: layers with relu between them, then length one; compared by Euclidean distance.
 * - `head`: logistic regression on |x - y| (`absolute`) or (x - y)^2 / (|x| + |y|) (`chi-square`, after Taigman et al. 2014, "DeepFace"). Its
 *   distance are the log-odds that it is not the same person.
 */
export type TrainedModel =
  | { readonly kind: "adapter"; readonly layers: readonly Layer[]; readonly knots: readonly Knot[] }
  | {
      readonly kind: "head";
      readonly form: HeadForm;
      readonly weights: Float32Array;
      readonly bias: number;
      readonly knots: readonly Knot[];
    };
export type HeadForm = "absolute" | "chi-square";

/** A trained model as the comparison of two faces: what is kept of a face, and how far two of them are on the model's own scale. */
export interface LearnedDistance {
  prepare(vector: Float32Array): Float32Array;
  distance(a: Float32Array, b: Float32Array): number;
}

export function learnedDistance(model: TrainedModel): LearnedDistance {
  if (model.kind === "adapter") {
    return { prepare: (vector) => adapted(model.layers, vector), distance: euclidean };
  }
  const { form, weights, bias } = model;
  return {
    prepare: (vector) => vector,
    distance: (a, b) => {
      let logOdds = bias;
      for (let i = 0; i < weights.length; i++) logOdds += weights[i]! * difference(form, a[i]!, b[i]!);
      return logOdds;
    },
  };
}

/** One feature of a pair: how unlike two numbers are. */
export function difference(form: HeadForm, a: number, b: number): number {
  return form === "absolute" ? Math.abs(a - b) : (a - b) ** 2 / (Math.abs(a) + Math.abs(b) + 1e-3);
}

/**
 * Compares with a trained model in the place of the first embedder; the second embedder joins as before. An adapter may bring two faces
 * nearer to each other by no more than the fusion may; a head only tightens.
 */
export function trainedComparer(model: TrainedModel): FaceComparer {
  const learned = learnedDistance(model);
  const toFirstScale = monotoneMap(model.knots);
  return {
    model,
    vectorsOf: (embeddings: readonly Embedding[]): FaceVectors | null => {
      const vectors = faceVectors(embeddings);
      return vectors && { ...vectors, learned: learned.prepare(vectors.dlib) };
    },
    distance: (a, b) => {
      const alone = euclidean(a.dlib, b.dlib);
      if (!a.learned || !b.learned) throw new Error("vectors that the trained model has not seen");
      const said = toFirstScale(learned.distance(a.learned, b.learned));
      const first = Math.max(said, model.kind === "head" ? alone : alone - maxFusionGain);
      if (a.faceres === null || b.faceres === null) return first;
      return Math.max(fusedDistance(first, euclidean(a.faceres, b.faceres)), alone - maxFusionGain);
    },
    leastDistance: (dlib, faceres) => {
      const nearest = dlib - maxFusionGain;
      if (faceres === null) return nearest;
      return Math.max(fusedDistance(model.kind === "head" ? dlib : nearest, faceres), nearest);
    },
  };
}

// --- internal ---

function adapted(layers: readonly Layer[], vector: Float32Array): Float32Array {
  let values = vector;
  layers.forEach(({ matrix, bias }, layer) => {
    const next = Float32Array.from(bias);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      for (let o = 0; o < next.length; o++) next[o] = next[o]! + value * matrix[i * next.length + o]!;
    }
    values = layer < layers.length - 1 ? next.map((value) => Math.max(0, value)) : next;
  });
  const length = Math.hypot(...values) || 1;
  return values.map((value) => value / length);
}
