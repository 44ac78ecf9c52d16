import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import type { Triplet } from "../../../../src/lab/train/mining.ts";
import { siameseNet } from "../../../../src/lab/train/siamese/network.ts";
import { openTensorflow } from "../../../../src/lab/train/tensorflow.ts";
import { tripletLoss } from "../../../../src/lab/train/triplet-loss.ts";

const shape = { side: 8, channels: [3, 4], dimension: 5 };
const margin = 1.5;
const triplets: readonly Triplet[] = [
  { anchor: 0, positive: 1, negative: 2 },
  { anchor: 3, positive: 4, negative: 1 },
  { anchor: 2, positive: 5, negative: 0 },
];
const pictures = 6;

/** The same network and loss, written out in double precision: what the gradients are measured against. */
function plainLoss(input: Float64Array, weights: readonly Float64Array[]): number {
  const vectors = Array.from({ length: pictures }, (_, picture) => {
    let side = shape.side;
    let channels = 1;
    let x = input.subarray(picture * side * side, (picture + 1) * side * side);
    shape.channels.forEach((to, layer) => {
      x = pooled(convolved(x, { side, channels, to }, weights[layer * 2]!, weights[layer * 2 + 1]!), side, to);
      side /= 2;
      channels = to;
    });
    const matrix = weights[4]!;
    const out = Array.from({ length: shape.dimension }, (_, o) =>
      x.reduce((sum, value, i) => sum + value * matrix[i * shape.dimension + o]!, 0),
    );
    const length = Math.sqrt(out.reduce((sum, value) => sum + value * value, 1e-10));
    return out.map((value) => value / length);
  });
  const squared = (i: number, j: number) => vectors[i]!.reduce((sum, v, k) => sum + (v - vectors[j]![k]!) ** 2, 0);
  const costs = triplets.map(({ anchor, positive, negative }) =>
    Math.max(0, squared(anchor, positive) - squared(anchor, negative) + margin),
  );
  return costs.reduce((sum, cost) => sum + cost, 0) / triplets.length;
}

function convolved(
  x: Float64Array,
  { side, channels, to }: { side: number; channels: number; to: number },
  matrix: Float64Array,
  bias: Float64Array,
): Float64Array {
  const out = new Float64Array(side * side * to);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      for (let o = 0; o < to; o++) {
        let sum = bias[o]!;
        for (let i = 0; i < 9; i++) {
          const [y, z] = [row + Math.floor(i / 3) - 1, column + (i % 3) - 1];
          if (y < 0 || z < 0 || y >= side || z >= side) continue;
          for (let c = 0; c < channels; c++) {
            sum += x[(y * side + z) * channels + c]! * matrix[(i * channels + c) * to + o]!;
          }
        }
        out[(row * side + column) * to + o] = Math.max(0, sum);
      }
    }
  }
  return out;
}

function pooled(x: Float64Array, side: number, channels: number): Float64Array {
  const half = side / 2;
  return Float64Array.from({ length: half * half * channels }, (_, place) => {
    const c = place % channels;
    const [row, column] = [Math.floor(place / channels / half) * 2, (Math.floor(place / channels) % half) * 2];
    const at = (dy: number, dx: number) => x[((row + dy) * side + column + dx) * channels + c]!;
    return Math.max(at(0, 0), at(0, 1), at(1, 0), at(1, 1));
  });
}

describe.each(["cpu", "wasm"] as const)("on the %s backend", (backend) => {
  test("every gradient of the small network agrees with the slope of the loss to 1e-4", async () => {
    await openTensorflow(backend);
    const random = seededRandom(3);
    const net = siameseNet(shape, random);
    const input = Float64Array.from({ length: pictures * shape.side ** 2 }, () => Math.fround(gaussian(random)));
    const weights = net.variables.map((variable) => Float64Array.from(variable.dataSync()));
    const found = tf.tidy(() => {
      const x = tf.tensor2d(Float32Array.from(input), [pictures, shape.side ** 2]);
      const { value, grads } = tf.variableGrads(() => tripletLoss(net.embed(x), triplets, margin), [...net.variables]);
      return { loss: value.dataSync()[0], slopes: net.variables.map(({ name }) => grads[name]!.dataSync()) };
    });
    expect(found.loss).toBeCloseTo(plainLoss(input, weights), 5);
    weights.forEach((values, layer) => {
      for (let i = 0; i < values.length; i += 3) {
        const kept = values[i]!;
        const h = 1e-6;
        values[i] = kept + h;
        const above = plainLoss(input, weights);
        values[i] = kept - h;
        const slope = (above - plainLoss(input, weights)) / (2 * h);
        values[i] = kept;
        expect(Math.abs(slope - (found.slopes[layer]?.[i] ?? Number.NaN))).toBeLessThan(1e-4);
      }
    });
  });
});
