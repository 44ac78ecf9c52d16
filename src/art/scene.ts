import { encodeOnnx } from "../models/onnx/encode.ts";
import { colouredLike, greyLike } from "./colour.ts";
import { asTensor, blend, extractFeatures, type Features, memoryFor } from "./features.ts";
import type { CanvasSize } from "./graph/forward.ts";
import { buildLossGraph, type LossLayers, ports } from "./graph/loss-graph.ts";
import type { GraphRuntime } from "./graph-runtime.ts";
import type { OpenedInputs } from "./inputs.ts";
import type { LossPlan } from "./losses.ts";
import type { FeatureNetwork } from "./networks/feature-network.ts";
import { noisePlanes } from "./noise.ts";
import type { Planes } from "./optimise/adam.ts";
import { toPlanes } from "./optimise/planes.ts";
import type { Level } from "./optimise/pyramid.ts";
import { cropPicture, decodePicture, type Picture, type PictureSource } from "./picture.ts";
import type { PaintSettings } from "./settings.ts";
import { type Targets, targetFeeds } from "./targets.ts";

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

/** One size of a painting: what it is to resemble, and the graph that says how far it is from that. */
export interface Scene {
  readonly targets: Targets;
  /** Of the picture without any style; see `fidelityOf`. */
  readonly before: Features;
  losses(picture: Planes): Promise<Losses>;
  close(): Promise<void>;
}

/** Decodes the inputs at this size and works out the targets. The caller closes the scene. */
export async function openScene(parts: SceneParts, level: Level): Promise<Scene> {
  const { graphs, network, plan } = parts;
  const layers = layersOf(plan);
  const content = await contentAt(parts, level.visible);
  const plain =
    content === undefined
      ? noisePlanes(level.canvas, parts.settings.seed)
      : toPlanes(content, level.canvas, network.mean);
  const [before] = await extractFeatures({ graphs, network, layers }, [plain]);
  if (before === undefined) throw new Error("no features");
  const grams = await styleGrams(parts, level.visible, content);
  const targets = { grams, features: content === undefined ? new Map() : before.features };
  const feeds = targetFeeds({ network, plan, canvas: level.canvas }, targets);
  const memory = memoryFor(level.canvas);
  const graph = buildLossGraph(network, layers, { ...level.canvas, ...memory });
  const session = await graphs.open(encodeOnnx(graph), memory);
  const into = { [ports.gradient]: asTensor({ ...level.canvas, data: new Float32Array(plain.data.length) }) };
  return {
    targets,
    before,
    losses: async (picture) => lossesOf(await session.run({ ...feeds, [ports.pixels]: asTensor(picture) }, into)),
    close: () => session.close(),
  };
}

export function layersOf(plan: LossPlan): LossLayers {
  return { content: plan.content.map(({ layer }) => layer), style: plan.style.map(({ layer }) => layer) };
}

/** The content at a size; grey when only its brightness is painted. */
export async function contentAt(parts: SceneParts, size: CanvasSize): Promise<Picture | undefined> {
  const { content } = parts.inputs;
  if (content === undefined) return undefined;
  const picture = await decodePicture(content, size);
  return parts.settings.preserveColour === "luminance" ? greyLike(picture, picture) : picture;
}

// --- internal ---

function lossesOf({ content, style, gradient }: Readonly<Record<string, Float32Array>>): Losses {
  if (content === undefined || style === undefined || gradient === undefined)
    throw new Error("the loss graph lacks an output");
  return { content: content[0] ?? Number.NaN, style: style[0] ?? Number.NaN, gradient };
}

/** The Gram matrices of all styles together, by their weights. */
async function styleGrams(
  parts: SceneParts,
  size: CanvasSize,
  content: Picture | undefined,
): Promise<ReadonlyMap<string, Float32Array>> {
  const layers = { content: [], style: layersOf(parts.plan).style };
  const all: { features: Features; weight: number }[] = [];
  for (const { source, weight } of layers.style.length === 0 ? [] : parts.inputs.styles) {
    const tiles = await styleTiles(parts, { source, size, content });
    const found = await extractFeatures({ ...parts, layers }, tiles);
    all.push(...found.map((features) => ({ features, weight: weight / found.length })));
  }
  return new Map(
    layers.style.map((layer) => {
      const grams = all.map(({ features, weight }) => ({
        gram: features.grams.get(layer) ?? new Float32Array(0),
        weight,
      }));
      return [layer, blend(grams)] as const;
    }),
  );
}

/**
 * The style with as many pixels as the painting, times the style scale squared, in its own aspect. A larger one is looked at in tiles, so
 * that no more memory is needed than for the painting.
 */
async function styleTiles(
  parts: SceneParts,
  { source, size, content }: { source: PictureSource; size: CanvasSize; content: Picture | undefined },
): Promise<Planes[]> {
  const { styleScale, preserveColour } = parts.settings;
  const tilesAcross = Math.ceil(styleScale);
  const area = (size.width * size.height * styleScale ** 2) / tilesAcross ** 2;
  const aspect = Math.min(4, Math.max(0.25, source.width / source.height));
  const whole = (side: number) => parts.canvasStep * Math.max(1, Math.round(side / parts.canvasStep));
  const tile = { width: whole(Math.sqrt(area * aspect)), height: whole(Math.sqrt(area / aspect)) };
  const decoded = await decodePicture(source, { width: tile.width * tilesAcross, height: tile.height * tilesAcross });
  const style = recoloured(decoded, content, preserveColour);
  return Array.from({ length: tilesAcross ** 2 }, (_, index) => {
    const [column, row] = [index % tilesAcross, Math.floor(index / tilesAcross)];
    const part = cropPicture(style, { left: column * tile.width, top: row * tile.height, ...tile });
    return toPlanes(part, tile, parts.network.mean);
  });
}

function recoloured(style: Picture, content: Picture | undefined, how: PaintSettings["preserveColour"]): Picture {
  if (content === undefined || how === "none") return style;
  return how === "luminance" ? greyLike(style, content) : colouredLike(style, content);
}
