import * as tf from "@tensorflow/tfjs-core";
import type { Triplet } from "./mining.ts";

/** max(0, |a - p|^2 - |a - n|^2 + margin), the mean over the triplets, 0 without any (Schroff, Kalenichenko and Philbin 2015, arXiv:1503.03832). */
export function tripletLoss(embedded: tf.Tensor2D, triplets: readonly Triplet[], margin: number): tf.Scalar {
  if (triplets.length === 0) return tf.sum(tf.mul(embedded, 0));
  const n = embedded.shape[0];
  // A matrix of ones and zeros picks rows: unlike the library's gather, it has a gradient on every backend.
  const pick = (place: (triplet: Triplet) => number): tf.Tensor2D => {
    const rows = new Float32Array(triplets.length * n);
    for (const [i, triplet] of triplets.entries()) rows[i * n + place(triplet)] = 1;
    return tf.matMul(tf.tensor2d(rows, [triplets.length, n]), embedded);
  };
  const anchors = pick(({ anchor }) => anchor);
  const squaredTo = (others: tf.Tensor2D): tf.Tensor => tf.sum(tf.square(tf.sub(anchors, others)), 1);
  const near = squaredTo(pick(({ positive }) => positive));
  const far = squaredTo(pick(({ negative }) => negative));
  return tf.div(tf.sum(tf.relu(tf.add(tf.sub(near, far), margin))), triplets.length);
}

/** Divides each row by its length. */
export function toUnitLength(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.div(rows, tf.sqrt(tf.add(tf.sum(tf.square(rows), 1, true), 1e-10)));
}
