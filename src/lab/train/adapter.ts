import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../../pipeline/matching/trained.ts";
import type { MetricNet } from "./metric-net.ts";
import { toUnitLength } from "./triplet-loss.ts";

export type AdapterShape = "linear" | "mlp";
export const adapterShapes: readonly AdapterShape[] = ["linear", "mlp"];

/** A net on top of a frozen vector whose variables become the layers of an adapter. */
export interface AdapterNet extends MetricNet {
  layers(): Layer[];
}

/**
 * A linear adapter starts as `start`; one with a hidden layer as the same map, its positive and its negative half side by side. So
 * training can only be stopped where it was better than its start.
 */
export function adapterNet(shape: AdapterShape, start: Layer): AdapterNet {
  const initial = shape === "linear" ? [start] : halves(start);
  const variables = initial.flatMap(({ matrix, bias }) => [
    tf.variable(tf.tensor2d(matrix, [matrix.length / bias.length, bias.length])),
    tf.variable(tf.tensor1d(bias)),
  ]);
  return {
    variables,
    embed: (inputs) => {
      let x = inputs;
      for (let i = 0; i < variables.length; i += 2) {
        x = tf.add(tf.matMul(x, variables[i]!), variables[i + 1]!);
        if (i + 2 < variables.length) x = tf.relu(x);
      }
      return toUnitLength(x);
    },
    layers: () =>
      initial.map((_, layer) => ({
        matrix: Float32Array.from(variables[layer * 2]!.dataSync()),
        bias: Float32Array.from(variables[layer * 2 + 1]!.dataSync()),
      })),
  };
}

/** relu(x) - relu(-x) = x, as two layers. */
function halves({ matrix, bias }: Layer): Layer[] {
  const outputs = bias.length;
  const inputs = matrix.length / outputs;
  const wide = new Float32Array(inputs * outputs * 2);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      wide[i * outputs * 2 + o] = matrix[i * outputs + o]!;
      wide[i * outputs * 2 + outputs + o] = -matrix[i * outputs + o]!;
    }
  }
  const narrow = new Float32Array(outputs * 2 * outputs);
  for (let o = 0; o < outputs; o++) {
    narrow[o * outputs + o] = 1;
    narrow[(outputs + o) * outputs + o] = -1;
  }
  const wideBias = Float32Array.from({ length: outputs * 2 }, (_, o) => (o < outputs ? bias[o]! : -bias[o - outputs]!));
  return [
    { matrix: wide, bias: wideBias },
    { matrix: narrow, bias: new Float32Array(outputs) },
  ];
}
