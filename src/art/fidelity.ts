import { squareSum } from "./features.ts";
import type { LossPlan } from "./losses.ts";
import type { TiledFeatures } from "./tiles/tiled-features.ts";
import type { TiledTargets } from "./tiles/tiled-losses.ts";

/** How near a painting came to its inputs, by the network's own features at the full size. */
export interface Fidelity {
  /**
   * Normalised Gram distance to the style, |G - A|^2 / |A|^2 as a weighted mean over the style layers, of the finished picture
   * divided by that of the picture without any style: the content (noise, where there is none). Null without a style.
   */
  readonly styleDistance: number | null;
  /** Pearson correlation of the features at the content layers with those of the content, -1 to 1. Null without a content. */
  readonly contentCorrelation: number | null;
}

/** `before`: Gram matrices of the picture without any style. All are by region; without masks there is one. */
export function fidelityOf(
  plan: LossPlan,
  targets: TiledTargets,
  pictures: { before: TiledFeatures["grams"]; after: TiledFeatures },
): Fidelity {
  const before = gramDistance(plan, targets, pictures.before);
  return {
    styleDistance: plan.style.length === 0 ? null : gramDistance(plan, targets, pictures.after.grams) / before,
    contentCorrelation: targets.features.size === 0 ? null : meanCorrelation(targets, pictures.after),
  };
}

/** Pearson's correlation of two lists of the same length; 0 when one of them does not vary. */
export function correlation(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return ofA > 0 && ofB > 0 ? both / Math.sqrt(ofA * ofB) : 0;
}

// --- internal ---

function gramDistance({ style }: LossPlan, targets: TiledTargets, grams: TiledFeatures["grams"]): number {
  let [sum, weights] = [0, 0];
  for (const [region, factor] of targets.weights.entries()) {
    for (const { layer, weight } of style) {
      const [wanted, found] = [targets.grams[region]?.get(layer), grams[region]?.get(layer)];
      if (wanted === undefined || found === undefined) continue;
      const difference = found.map((value, i) => value - wanted[i]!);
      sum += (factor * weight * squareSum(difference)) / squareSum(wanted);
      weights += factor * weight;
    }
  }
  return sum / weights;
}

function meanCorrelation(targets: TiledTargets, { features }: TiledFeatures): number {
  const all = [...targets.features].map(([layer, wanted]) => correlation(wanted, features.get(layer) ?? wanted));
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
