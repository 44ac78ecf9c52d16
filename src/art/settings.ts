import { createHash } from "node:crypto";
import { z } from "zod";

/** Networks whose features a picture can be painted with. */
export const featureNetworkNames = ["mobilenet", "vgg19"] as const;
export type FeatureNetworkName = (typeof featureNetworkNames)[number];

/** The longest side that is painted, in pixels. */
export const maxSizePx = 3840;

/** How the pixels are changed; see the setting `optimiser`. */
export const optimisers = ["adam", "lbfgs"] as const;

/** Pixels of the largest painting, by optimiser: 4K, either way round. The last ten moves of L-BFGS are twenty times the picture. */
export const maxPixelsOf = { adam: 3840 * 2160, lbfgs: 1024 ** 2 } as const;

/**
 * Pixels that a network looks at in one piece; larger canvases are looked at window by window. What a step of VGG-19 keeps in memory is
 * four times as much as MobileNet's.
 */
export const pixelsAtOnceOf = { mobilenet: 1920 * 1088, vgg19: 1024 ** 2 } as const;

/** What a painting is to become; see the setting `mode`. */
export const paintModes = ["style", "texture", "inversion", "dream"] as const;
export type PaintMode = (typeof paintModes)[number];

export function takesStyles(mode: PaintMode): boolean {
  return mode === "style" || mode === "texture";
}

const layerWeight = z.strictObject({
  layer: z.string().min(1).describe("a layer of the network, by name"),
  weight: z.number().min(0).max(1e6).describe("its share; only the proportion to the other layers counts"),
});
export type LayerWeight = z.infer<typeof layerWeight>;

/** How a picture is painted. The pictures themselves are given beside it. */
export const paintSettings = z.strictObject({
  mode: z
    .enum(paintModes)
    .default("style")
    .describe(
      "style: content in the style; texture: the style alone; inversion: the content alone, from its features; dream: the content with more of whatever a layer sees in it",
    ),
  network: z.enum(featureNetworkNames).default("mobilenet").describe("the features to paint with"),
  size: z.number().int().min(16).max(maxSizePx).default(512).describe("longer side of the painting in pixels"),
  aspect: z
    .number()
    .min(0.2)
    .max(5)
    .optional()
    .describe("width over height; the content is cropped to it; as the content is when absent"),
  steps: z.number().int().min(1).max(20_000).default(200).describe("steps of the optimiser in all, over all sizes"),
  optimiser: z
    .enum(optimisers)
    .default("adam")
    .describe("adam: as many steps as asked; lbfgs: fewer and better ones, for more memory (up to a megapixel)"),
  coarsestSize: z
    .number()
    .int()
    .min(16)
    .max(maxSizePx)
    .default(256)
    .describe("longer side at which painting begins; sizes then grow by the square root of 2"),
  seed: z.number().int().min(0).max(0xffffffff).default(1).describe("the same seed gives the same picture"),
  start: z
    .enum(["content", "noise", "picture"])
    .optional()
    .describe("what the first step begins with: the content in the modes style and dream, else noise, when absent"),
  contentWeight: z.number().min(0).max(1e6).optional().describe("alpha; the network's own when absent"),
  styleWeight: z.number().min(0).max(1e6).default(1).describe("beta"),
  contentLayers: z.array(layerWeight).min(1).max(8).optional().describe("the network's own when absent"),
  styleLayers: z.array(layerWeight).min(1).max(16).optional().describe("the network's own when absent"),
  preserveColour: z
    .enum(["none", "luminance", "affine"])
    .default("none")
    .describe("luminance: the colours of the content; affine: the style is recoloured to those of the content"),
  styleScale: z.number().min(0.25).max(4).default(1).describe("size of the strokes: 2 paints them twice as large"),
  totalVariation: z.number().min(0).max(1e3).default(1).describe("how much neighbouring pixels are held together"),
  learningRate: z
    .number()
    .min(0.01)
    .max(64)
    .optional()
    .describe("step of the optimiser in grey levels of 255; 8, or 2 for a dream, when absent"),
});

export type PaintSettings = z.infer<typeof paintSettings>;
/** As a person writes them: everything may be left out. */
export type PaintSettingsInput = z.input<typeof paintSettings>;

/** What is hashed: the settings and the SHA-256 of each input with its weight, in order. */
export interface PaintingIdentity {
  readonly settings: PaintSettings;
  readonly inputs: readonly { readonly role: string; readonly sha256: string; readonly weight: number }[];
  readonly networkSha256: string;
}

/** One SHA-256 (hexadecimal) of all that decides how a painting turns out; a checkpoint of another one is refused by it. */
export function paintingHash(identity: PaintingIdentity): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(identity)))
    .digest("hex");
}

/** Keys in alphabetical order, so that the order in which they were written does not count. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}
