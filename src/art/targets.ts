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
  for (const [layer, { data, factor }] of contentTargets(plan, targets)) {
    const channels = channelsOf(network, layer);
    const side = Math.sqrt(placesOf(network, layer, canvas) / (canvas.width * canvas.height));
    const shape = [1, channels, Math.round(canvas.height * side), Math.round(canvas.width * side)];
    feeds[ports.features(layer)] = { data, shape };
    feeds[ports.featuresFactor(layer)] = scalar(factor);
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

/** What the features of a layer are compared with, and the factor on the squared distance. */
export interface ContentTarget {
  readonly data: Float32Array;
  readonly factor: number;
}

/** By layer. To be excited, features are driven away from zero: the factor is negative then. */
export function contentTargets(plan: LossPlan, { features }: Pick<Targets, "features">): Map<string, ContentTarget> {
  const all = plan.content.map(({ layer, weight }) => {
    const data = wanted(features, layer);
    const factor = weight / (squareSum(data) + tiny);
    const isDream = plan.contentAim === "excite";
    return [layer, isDream ? { data: new Float32Array(data.length), factor: -factor } : { data, factor }] as const;
  });
  return new Map(all);
}

/** Against division by zero where a layer says nothing at all about a picture. */
export const tiny = 1e-20;

// --- internal ---

function scalar(value: number): FloatTensor {
  return { data: Float32Array.of(value), shape: [1] };
}

function wanted(targets: ReadonlyMap<string, Float32Array>, layer: string): Float32Array {
  const found = targets.get(layer);
  if (found === undefined) throw new Error(`no target for ${layer}`);
  return found;
}
