import * as tf from "@tensorflow/tfjs-core";

/** A network that gives vectors of length one. */
export interface MetricNet {
  readonly variables: readonly tf.Variable[];
  /** Rows in, rows out. */
  embed(inputs: tf.Tensor2D): tf.Tensor2D;
}

/** The vectors of all samples, without a gradient. */
export function embedAll(net: MetricNet, rows: Float32Array, dimension: number): Float32Array {
  return tf.tidy(() =>
    Float32Array.from(net.embed(tf.tensor2d(rows, [rows.length / dimension, dimension])).dataSync()),
  );
}
