import * as tf from "@tensorflow/tfjs-core";
import { gaussian, type Random } from "../../../core/random.ts";
import type { MetricNet } from "../metric-net.ts";
import { toUnitLength } from "../triplet-loss.ts";

export interface SiameseShape {
  /** Side of the grey picture; halved by each layer. */
  readonly side: number;
  /** Channels of each convolution. */
  readonly channels: readonly number[];
  /** Length of the vector. */
  readonly dimension: number;
}

export const smallSiamese: SiameseShape = { side: 48, channels: [8, 16, 32], dimension: 32 };

/**
 * A small convolutional network, 3 x 3 convolutions, each followed by relu and 2 x 2 maximum, then one matrix and length one. Both pictures
 * of a pair go through the same weights (Bromley et al. 1993). A convolution is a matrix times nine shifted copies on top of each other
 * (im2col), because the backend has no gradient for the filter of its own convolution. Between the ends the pictures of a batch lie
 * in the last axis, so that whole rows of them are copied at a time: [channel, row, column, picture].
 */
export function siameseNet({ side, channels, dimension }: SiameseShape, random: Random): MetricNet {
  const variables: tf.Variable[] = [];
  let from = 1;
  for (const to of channels) {
    variables.push(weights([9 * from, to], random), tf.variable(tf.zeros([to])));
    from = to;
  }
  const last = side / 2 ** channels.length;
  variables.push(weights([last * last * from, dimension], random));
  return {
    variables,
    embed: (inputs) => {
      const n = inputs.shape[0];
      let x: tf.Tensor4D = tf.reshape(tf.transpose(inputs), [1, side, side, n]);
      for (let layer = 0; layer < channels.length; layer++) {
        const convolved = convolve(x, variables[layer * 2]!, variables[layer * 2 + 1]!);
        // The library pools over the two middle axes, whatever the others mean.
        x = tf.maxPool(tf.relu(convolved), 2, 2, "valid");
      }
      const flat: tf.Tensor2D = tf.reshape(tf.transpose(x, [3, 1, 2, 0]), [n, last * last * from]);
      return toUnitLength(tf.matMul(flat, variables.at(-1)!));
    },
  };
}

/** He et al. 2015 (arXiv:1502.01852): keeps the spread from layer to layer. */
function weights([rows, columns]: readonly [number, number], random: Random): tf.Variable {
  const values = Float32Array.from({ length: rows * columns }, () => gaussian(random) * Math.sqrt(2 / rows));
  return tf.variable(tf.tensor2d(values, [rows, columns]));
}

function convolve(x: tf.Tensor4D, matrix: tf.Tensor, bias: tf.Tensor): tf.Tensor4D {
  const [c, h, w, n] = x.shape;
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const rows: tf.Tensor3D = tf.reshape(padded, [c, h + 2, (w + 2) * n]);
  const copies: tf.Tensor3D[] = [];
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) copies.push(tf.slice(rows, [0, i, j * n], [c, h, w * n]));
  const stacked: tf.Tensor2D = tf.reshape(tf.concat(copies, 0), [9 * c, h * w * n]);
  const product = tf.add(tf.matMul(tf.transpose(matrix), stacked), tf.reshape(bias, [-1, 1]));
  return tf.reshape(product, [matrix.shape[1] ?? 0, h, w, n]);
}
