import { encodeOnnx } from "../models/onnx/encode.ts";
import { greyLike } from "./colour.ts";
import { asTensor, extractFeatures, type Features, memoryFor } from "./features.ts";
import { type Fidelity, fidelityOf } from "./fidelity.ts";
import type { CanvasSize } from "./graph/forward.ts";
import { buildLossGraph, ports } from "./graph/loss-graph.ts";
import type { GraphRuntime } from "./graph-runtime.ts";
import type { OpenedInputs } from "./inputs.ts";
import { type LossPlan, layersOf } from "./losses.ts";
import type { FeatureNetwork } from "./networks/feature-network.ts";
import { noisePlanes } from "./noise.ts";
import type { Planes } from "./optimise/adam.ts";
import { toPlanes } from "./optimise/planes.ts";
import type { Level } from "./optimise/pyramid.ts";
import { decodePicture, type Picture } from "./picture.ts";
import { styleRegions } from "./regions.ts";
import type { PaintSettings } from "./settings.ts";
import { styleGrams } from "./styles.ts";
import { targetFeeds } from "./targets.ts";
import { extractTiled, Tiles } from "./tiles/tiled-features.ts";
import { TiledLosses } from "./tiles/tiled-losses.ts";

export interface SceneParts {
  readonly graphs: GraphRuntime;
  readonly network: FeatureNetwork;
  readonly plan: LossPlan;
  readonly settings: PaintSettings;
  readonly inputs: OpenedInputs;
  readonly canvasStep: number;
}

export interface Losses {
  readonly content: number;
  readonly style: number;
  /** For the pixels; the next losses are written over it. */
  readonly gradient: Float32Array;
}

/** One size of a painting: what it is to resemble, and how far it is from that. */
export interface Scene {
  losses(picture: Planes): Promise<Losses>;
  /** Of a finished picture; also after the scene was closed, when there is memory for it. */
  fidelity(picture: Planes): Promise<Fidelity>;
  close(): Promise<void>;
}

/**
 * Decodes the inputs at this size and works out the targets. A canvas that is too large for the memory is looked at window by window; so
 * is one whose styles have masks, be it a single window. The caller closes the scene.
 */
export async function openScene(parts: SceneParts, level: Level): Promise<Scene> {
  const hasMasks = parts.inputs.styles.some(({ mask }) => mask !== undefined);
  const isLarge = level.canvas.width * level.canvas.height > parts.network.pixelsAtOnce;
  return hasMasks || isLarge ? openTiledScene(parts, level) : openWholeScene(parts, level);
}

/** The content at a size; grey when only its brightness is painted. */
export async function contentAt(parts: SceneParts, size: CanvasSize): Promise<Picture | undefined> {
  const { content } = parts.inputs;
  if (content === undefined) return undefined;
  const picture = await decodePicture(content, size);
  return parts.settings.preserveColour === "luminance" ? greyLike(picture, picture) : picture;
}

// --- internal ---

async function openWholeScene(parts: SceneParts, level: Level): Promise<Scene> {
  const { graphs, network, plan, inputs } = parts;
  const layers = layersOf(plan);
  const content = await contentAt(parts, level.visible);
  const before = await featuresOf(parts, unpainted(parts, level, content));
  const grams = await styleGrams(parts, inputs.styles, { size: level.visible, content });
  const targets = { grams, features: content === undefined ? new Map() : before.features };
  const feeds = targetFeeds({ network, plan, canvas: level.canvas }, targets);
  const memory = memoryFor(level.canvas);
  const session = await graphs.open(
    encodeOnnx(buildLossGraph(network, layers, { ...level.canvas, ...memory })),
    memory,
  );
  const { width, height } = level.canvas;
  const into = { [ports.gradient]: asTensor({ width, height, data: new Float32Array(3 * width * height) }) };
  return {
    losses: async (picture) => lossesOf(await session.run({ ...feeds, [ports.pixels]: asTensor(picture) }, into)),
    fidelity: async (picture) => {
      const after = await featuresOf(parts, picture);
      const wanted = { ...targets, grams: [grams], weights: [1] };
      return fidelityOf(plan, wanted, { before: [before.grams], after: { ...after, grams: [after.grams] } });
    },
    close: () => session.close(),
  };
}

async function openTiledScene(parts: SceneParts, level: Level): Promise<Scene> {
  const { plan, inputs } = parts;
  const content = await contentAt(parts, level.visible);
  const regions = plan.style.length === 0 ? [] : await styleRegions(inputs.styles, level);
  const grams: ReadonlyMap<string, Float32Array>[] = [];
  for (const { styles } of regions) grams.push(await styleGrams(parts, styles, { size: level.visible, content }));
  const tileParts = { ...parts, layers: layersOf(plan), regions: regions.map(({ mask }) => mask) };
  const before = await extractTiled(tileParts, unpainted(parts, level, content));
  const features = content === undefined ? new Map() : before.features;
  const targets = { grams, features, weights: regions.map(({ weight }) => weight) };
  const losses = await TiledLosses.open(new Tiles(tileParts, level.canvas), plan, targets);
  return {
    losses: (picture) => losses.of(picture),
    fidelity: async (picture) =>
      fidelityOf(plan, targets, { before: before.grams, after: await extractTiled(tileParts, picture) }),
    close: () => losses.close(),
  };
}

/** The picture without any style: the content; noise, where there is none. */
function unpainted({ network, settings }: SceneParts, { canvas }: Level, content: Picture | undefined): Planes {
  return content === undefined ? noisePlanes(canvas, settings.seed) : toPlanes(content, canvas, network.mean);
}

async function featuresOf({ graphs, network, plan }: SceneParts, picture: Planes): Promise<Features> {
  const [features] = await extractFeatures({ graphs, network, layers: layersOf(plan) }, [picture]);
  if (features === undefined) throw new Error("no features");
  return features;
}

function lossesOf({ content, style, gradient }: Readonly<Record<string, Float32Array>>): Losses {
  if (content === undefined || style === undefined || gradient === undefined)
    throw new Error("the loss graph lacks an output");
  return { content: content[0] ?? Number.NaN, style: style[0] ?? Number.NaN, gradient };
}
