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
 * A small convolutional network, 3 x 3 convolutions, each followed by 2 x 2 maximum and relu, then one matrix and length one. Both pictures
 * of a pair go through the same weights (Bromley et al. 1993). A convolution is a matrix times nine shifted copies on top of each other
 * (im2col), because the backend has no gradient for the filter of its own convolution. Between the ends the pictures of a batch lie
 * in the last axis, so that whole rows of them are copied at a time: [channel, row, column, picture].
 */
export function siameseNet({ side, channels, dimension }: SiameseShape, random: Random): MetricNet {
  const layers = channels.map((to, i) => {
    const matrix = weights([9 * (channels[i - 1] ?? 1), to], random);
    return { matrix, bias: tf.variable(tf.zeros([to, 1, 1, 1])) };
  });
  const last = (side / 2 ** channels.length) ** 2 * (channels.at(-1) ?? 1);
  const head = weights([last, dimension], random);
  return {
    variables: [...layers.flatMap(({ matrix, bias }) => [matrix, bias]), head],
    embed: (inputs) => {
      const n = inputs.shape[0];
      let x: tf.Tensor4D = tf.reshape(tf.transpose(inputs), [1, side, side, n]);
      for (const [i, { matrix, bias }] of layers.entries()) {
        // Both commute with the maximum, and there is a quarter left of it. The library pools over the two middle axes, whatever the others mean.
        x = tf.relu(tf.add(tf.maxPool(convolve(x, matrix, i === 0), 2, 2, "valid"), bias));
      }
      const flat: tf.Tensor2D = tf.reshape(tf.transpose(x, [3, 1, 2, 0]), [n, last]);
      return toUnitLength(tf.matMul(flat, head));
    },
  };
}

/** He et al. 2015 (arXiv:1502.01852): keeps the spread from layer to layer. */
function weights([rows, columns]: readonly [number, number], random: Random): tf.Variable<tf.Rank.R2> {
  const values = Float32Array.from({ length: rows * columns }, () => gaussian(random) * Math.sqrt(2 / rows));
  return tf.variable(tf.tensor2d(values, [rows, columns]));
}

/**
 * The convolution before its bias, as one operation with a gradient of its own: of a chain of small ones the library would copy every stage.
 * The gradient by the filter is a product of the same columns; that by the picture is a convolution with the filter turned round.
 * For the picture that comes in (`isFirst`) it is not worked out: nothing before it learns.
 */
function convolve(picture: tf.Tensor4D, matrix: tf.Tensor2D, isFirst: boolean): tf.Tensor4D {
  return tf.customGrad<tf.Tensor4D>((...inputs) => {
    const columns = columnsOf(picture);
    const save = inputs.at(-1);
    if (typeof save !== "function") throw new Error("cannot happen: nothing to save what the gradient needs");
    save([columns]);
    return {
      value: product(columns, matrix, picture.shape),
      gradFunc: (dy, [saved]) => [
        isFirst ? tf.zeros(picture.shape) : product(columnsOf(dy), turned(matrix), picture.shape),
        tf.matMul(saved!, tf.transpose(tf.reshape(dy, [matrix.shape[1], -1]))),
      ],
    };
  })(picture, matrix);
}

/**
 * Nine shifted copies of all channels on top of each other, zeros beyond the edge: [9 * channels, all places of all pictures]. Copied here: cut
 * out by the library's operations, WebAssembly copies the whole picture once more for each of the nine.
 */
function columnsOf(picture: tf.Tensor4D): tf.Tensor2D {
  const [channels, height, width, n] = picture.shape;
  const values = picture.dataSync<"float32">();
  const [row, plane] = [width * n, height * width * n];
  const columns = new Float32Array(9 * channels * plane);
  for (let k = 0; k < 9; k++) {
    const [down, across] = [Math.floor(k / 3) - 1, (k % 3) - 1];
    const [from, to] = [Math.max(0, across) * n, Math.max(0, -across) * n];
    const length = row - Math.abs(across) * n;
    for (let channel = 0; channel < channels; channel++) {
      for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
        const start = channel * plane + (y + down) * row + from;
        columns.set(values.subarray(start, start + length), (k * channels + channel) * plane + y * row + to);
      }
    }
  }
  return tf.tensor2d(columns, [9 * channels, plane]);
}

function product(
  columns: tf.Tensor2D,
  matrix: tf.Tensor2D,
  [, h, w, n]: readonly [number, number, number, number],
): tf.Tensor4D {
  return tf.reshape(tf.matMul(tf.transpose(matrix), columns), [matrix.shape[1], h, w, n]);
}

/** The filter seen from its outputs: what was to the left is to the right, [9 * outputs, inputs]. */
function turned(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, outputs] = matrix.shape;
  const places: tf.Tensor3D = tf.reshape(matrix, [9, rows / 9, outputs]);
  return tf.reshape(tf.transpose(tf.reverse(places, 0), [0, 2, 1]), [9 * outputs, rows / 9]);
}
