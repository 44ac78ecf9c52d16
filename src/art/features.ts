import { encodeOnnx } from "../models/onnx/encode.ts";
import { type CanvasSize, layersUpTo } from "./graph/forward.ts";
import { buildFeatureGraph, type LossLayers, ports } from "./graph/loss-graph.ts";
import type { FloatTensor, GraphOptions, GraphRuntime } from "./graph-runtime.ts";
import type { FeatureNetwork } from "./networks/feature-network.ts";
import type { Planes } from "./optimise/adam.ts";

/** What a network says about a picture. */
export interface Features {
  /** Mean over all places of the products of two channels, `channels * channels`, by layer. */
  readonly grams: ReadonlyMap<string, Float32Array>;
  /** Planes of features by layer. */
  readonly features: ReadonlyMap<string, Float32Array>;
}

/** Runs the network over pictures of one size, one after another. */
export async function extractFeatures(
  parts: { graphs: GraphRuntime; network: FeatureNetwork; layers: LossLayers },
  pictures: readonly Planes[],
): Promise<Features[]> {
  const [first] = pictures;
  if (first === undefined) return [];
  const { network, layers } = parts;
  const size = { width: first.width, height: first.height };
  const session = await parts.graphs.open(encodeOnnx(buildFeatureGraph(network, layers, size)), memoryFor(size));
  try {
    const found: Features[] = [];
    for (const picture of pictures) {
      const outputs = await session.run({ [ports.pixels]: asTensor(picture) });
      const grams = layers.style.map((layer) => {
        return [layer, divided(outputs[ports.gram(layer)], placesOf(network, layer, size))] as const;
      });
      const features = layers.content.map((layer) => [layer, present(outputs[ports.features(layer)])] as const);
      found.push({ grams: new Map(grams), features: new Map(features) });
    }
    return found;
  } finally {
    await session.close();
  }
}

/** Above a megapixel a graph takes more memory than a small board can spare. */
export function memoryFor({ width, height }: CanvasSize): GraphOptions {
  return { sparesMemory: width * height > 1_000_000 };
}

export function asTensor({ data, width, height }: Planes): FloatTensor {
  return { data, shape: [1, 3, height, width] };
}

/** Places at which a layer stands on a canvas. */
export function placesOf(network: FeatureNetwork, layer: string, { width, height }: CanvasSize): number {
  const halvings = layersUpTo(network, [layer]).filter((each) => each.kind === "pooling" || each.stride === 2).length;
  return (width * height) / 4 ** halvings;
}

/** Channels that a layer gives. */
export function channelsOf(network: FeatureNetwork, layer: string): number {
  return layersUpTo(network, [layer]).reduce((before, each) => (each.kind === "pooling" ? before : each.outputs), 3);
}

/** Weighted mean of Gram matrices; the weights add up to 1. */
export function blend(parts: readonly { gram: Float32Array; weight: number }[]): Float32Array {
  const mean = new Float32Array(parts[0]?.gram.length ?? 0);
  for (const { gram, weight } of parts) {
    for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + weight * gram[i]!;
  }
  return mean;
}

export function squareSum(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

// --- internal ---

function present(values: Float32Array | undefined): Float32Array {
  if (values === undefined) throw new Error("the feature graph lacks an output");
  return values;
}

function divided(values: Float32Array | undefined, by: number): Float32Array {
  return present(values).map((value) => value / by);
}
