import { LintelError } from "../core/errors.ts";
import type { LossLayers } from "./graph/loss-graph.ts";
import type { FeatureNetwork } from "./networks/feature-network.ts";
import { type LayerWeight, type PaintSettings, takesStyles } from "./settings.ts";

/** What is minimised: J = alpha content + beta style, each a weighted mean over layers of relative squared distances. */
export interface LossPlan {
  /** `match`: features near those of the content; `excite`: as strong as can be. */
  readonly contentAim: "match" | "excite";
  /** Shares add up to alpha; empty when there is no content loss. */
  readonly content: readonly LayerWeight[];
  /** Shares add up to beta; empty when there is no style loss. */
  readonly style: readonly LayerWeight[];
}

/** The layers and their shares from the settings and the network's own. Throws `LINTEL_E_USAGE` when nothing is left to minimise. */
export function planLosses(settings: PaintSettings, { defaults }: FeatureNetwork): LossPlan {
  const { mode } = settings;
  const alpha = mode === "texture" ? 0 : (settings.contentWeight ?? contentWeightOf(settings, defaults));
  const beta = takesStyles(mode) ? settings.styleWeight : 0;
  const contentLayers = mode === "dream" ? defaults.dreamLayers : defaults.contentLayers;
  const plan: LossPlan = {
    contentAim: mode === "dream" ? "excite" : "match",
    content: shares(settings.contentLayers ?? contentLayers, alpha),
    style: shares(settings.styleLayers ?? defaults.styleLayers, beta),
  };
  if (plan.content.length + plan.style.length > 0) return plan;
  throw new LintelError("LINTEL_E_USAGE", "all weights are zero: there is nothing to paint", {
    hint: "Give a style or the content a weight above 0.",
  });
}

export function layersOf(plan: LossPlan): LossLayers {
  return { content: plan.content.map(({ layer }) => layer), style: plan.style.map(({ layer }) => layer) };
}

// --- internal ---

/** Alone, the content needs no balance to a style. */
function contentWeightOf({ mode }: PaintSettings, defaults: FeatureNetwork["defaults"]): number {
  return takesStyles(mode) ? defaults.contentWeight : 1;
}

function shares(layers: readonly LayerWeight[], total: number): LayerWeight[] {
  const sum = layers.reduce((all, { weight }) => all + weight, 0);
  if (sum === 0 || total === 0) return [];
  const merged = new Map<string, number>();
  for (const { layer, weight } of layers) merged.set(layer, (merged.get(layer) ?? 0) + (total * weight) / sum);
  return [...merged].filter(([, weight]) => weight > 0).map(([layer, weight]) => ({ layer, weight }));
}
