import { channelsOf, type Features, placesOf, squareSum } from "./features.ts";
import type { CanvasSize } from "./graph/forward.ts";
import { ports } from "./graph/loss-graph.ts";
import type { FloatTensor } from "./graph-runtime.ts";
import type { LossPlan } from "./losses.ts";
import type { FeatureNetwork } from "./networks/feature-network.ts";

/** What a painting is to resemble, by layer: Gram matrices (means over places) and features of the content. */
export interface Targets {
  readonly grams: ReadonlyMap<string, Float32Array>;
  readonly features: Features["features"];
}

/** The inputs of the loss graph besides the pixels. Each distance is relative to the square of what is wanted. */
export function targetFeeds(
  parts: { network: FeatureNetwork; plan: LossPlan; canvas: CanvasSize },
  targets: Targets,
): Record<string, FloatTensor> {
  const { network, plan, canvas } = parts;
  const feeds: Record<string, FloatTensor> = {};
  for (const { layer, weight } of plan.content) {
    const data = wanted(targets.features, layer);
    const channels = channelsOf(network, layer);
    const side = Math.sqrt(placesOf(network, layer, canvas) / (canvas.width * canvas.height));
    const shape = [1, channels, Math.round(canvas.height * side), Math.round(canvas.width * side)];
    feeds[ports.features(layer)] = { data, shape };
    feeds[ports.featuresFactor(layer)] = scalar(weight / (squareSum(data) + tiny));
  }
  for (const { layer, weight } of plan.style) {
    const gram = wanted(targets.grams, layer);
    const channels = channelsOf(network, layer);
    const places = placesOf(network, layer, canvas);
    feeds[ports.minusGram(layer)] = { data: gram.map((value) => -places * value), shape: [channels, channels] };
    feeds[ports.gramFactor(layer)] = scalar(1 / (places * Math.sqrt(squareSum(gram)) + tiny));
    feeds[ports.gramShare(layer)] = scalar(weight);
  }
  return feeds;
}

/** Against division by zero where a layer says nothing at all about a picture. */
const tiny = 1e-20;

function scalar(value: number): FloatTensor {
  return { data: Float32Array.of(value), shape: [1] };
}

function wanted(targets: ReadonlyMap<string, Float32Array>, layer: string): Float32Array {
  const found = targets.get(layer);
  if (found === undefined) throw new Error(`no target for ${layer}`);
  return found;
}
