import { encodeOnnx } from "../../models/onnx/encode.ts";
import { channelsOf, memoryFor, placesOf } from "../features.ts";
import { type CanvasSize, layersUpTo } from "../graph/forward.ts";
import { type LossLayers, ports } from "../graph/loss-graph.ts";
import type { FloatTensor, GraphRuntime, GraphSession } from "../graph-runtime.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";
import type { Planes } from "../optimise/adam.ts";
import { LayerMask, type RegionMask, strideOf } from "./layer-masks.ts";
import { addPart, cropPlanes, scaledBox } from "./planes-part.ts";
import { buildTileFeatureGraph, tilePorts } from "./tile-graph.ts";
import { type Window, windowsOf } from "./windows.ts";

export interface TileParts {
  readonly graphs: GraphRuntime;
  readonly network: FeatureNetwork;
  readonly layers: LossLayers;
  /** The parts of the picture that have a style of their own; one that is undefined for all of it. */
  readonly regions: readonly RegionMask[];
}

/** What a network says about a picture that was looked at window by window. */
export interface TiledFeatures {
  /** By region, then layer: the mean over its places, weighted by the square of its mask. */
  readonly grams: readonly ReadonlyMap<string, Float32Array>[];
  readonly features: ReadonlyMap<string, Float32Array>;
}

/** Features and Gram matrices of the whole picture, as without windows; only the memory is a window's. */
export async function extractTiled(parts: TileParts, picture: Planes): Promise<TiledFeatures> {
  const tiles = new Tiles(parts, picture);
  const reader = await FeatureReader.open(tiles, parts.layers);
  try {
    return await reader.read(picture);
  } finally {
    await reader.close();
  }
}

/** Of what fits in one piece: two graphs are open at a time, and the optimiser of a large picture needs memory too. */
const windowPart = 1 / 3;

/** The windows of one canvas, with the masks of the regions in them. */
export class Tiles {
  readonly parts: TileParts;
  readonly canvas: CanvasSize;
  readonly windows: readonly Window[];
  readonly #masks = new Map<string, LayerMask>();

  constructor(parts: TileParts, { width, height }: CanvasSize) {
    this.parts = parts;
    this.canvas = { width, height };
    const layers = layersUpTo(parts.network, [...parts.layers.content, ...parts.layers.style]);
    this.windows = windowsOf(this.canvas, { layers, maxPixels: parts.network.pixelsAtOnce * windowPart });
  }

  get shape() {
    const { width, height } = this.windows[0] ?? this.canvas;
    return { width, height, regions: this.parts.regions.length };
  }

  /** Of a region at a layer. */
  mask(layer: string, region: number): LayerMask {
    const mask = this.parts.regions[region];
    // Layers of one stride share a mask.
    const stride = strideOf(this.parts.network, layer);
    const key = `${region} ${stride}`;
    const found = this.#masks.get(key) ?? new LayerMask(mask, { canvas: this.canvas, stride });
    this.#masks.set(key, found);
    return found;
  }

  pixelsIn(window: Window, picture: Planes): FloatTensor {
    return {
      data: cropPlanes(picture.data, this.canvas, window),
      shape: [1, 3, window.height, window.width],
    };
  }

  /** A single plane at a layer. */
  placesIn(window: Window, layer: string, data: Float32Array): FloatTensor {
    const { width, height } = scaledBox(window, strideOf(this.parts.network, layer));
    return { data, shape: [1, 1, height, width] };
  }

  maskFeeds(window: Window): Record<string, FloatTensor> {
    const { layers, regions } = this.parts;
    const feeds: Record<string, FloatTensor> = {};
    for (const layer of layers.style) {
      for (const region of regions.keys()) {
        const data = this.mask(layer, region).in(window);
        feeds[tilePorts.mask(layer, region)] = this.placesIn(window, layer, data);
      }
    }
    return feeds;
  }
}

/** Reads pictures of one size, window by window. */
export class FeatureReader {
  readonly #tiles: Tiles;
  readonly #layers: LossLayers;
  readonly #session: GraphSession;

  /** `layers`: those that are read, among those of the tiles. */
  static async open(tiles: Tiles, layers: LossLayers): Promise<FeatureReader> {
    const { graphs, network } = tiles.parts;
    const graph = buildTileFeatureGraph(network, layers, tiles.shape);
    return new FeatureReader(tiles, layers, await graphs.open(encodeOnnx(graph), memoryFor(tiles.shape)));
  }

  private constructor(tiles: Tiles, layers: LossLayers, session: GraphSession) {
    this.#tiles = tiles;
    this.#layers = layers;
    this.#session = session;
  }

  async read(picture: Planes): Promise<TiledFeatures> {
    const { network, regions } = this.#tiles.parts;
    const { content, style } = this.#layers;
    const square = (layer: string) => new Float32Array(channelsOf(network, layer) ** 2);
    const grams = regions.map(() => new Map(style.map((layer) => [layer, square(layer)])));
    const features = new Map(content.map((layer) => [layer, this.#emptyFeatures(layer)]));
    for (const window of this.#tiles.windows) {
      const feeds = { [ports.pixels]: this.#tiles.pixelsIn(window, picture), ...this.#tiles.maskFeeds(window) };
      const outputs = await this.#session.run(feeds);
      for (const [region, sums] of grams.entries()) {
        for (const [layer, sum] of sums) addMean(sum, outputs, { layer, region, tiles: this.#tiles });
      }
      for (const [layer, all] of features) this.#addOwn(all, { window, layer, read: outputs[ports.features(layer)] });
    }
    return { grams, features };
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  // --- internal ---

  #emptyFeatures(layer: string): Float32Array {
    const { network } = this.#tiles.parts;
    return new Float32Array(channelsOf(network, layer) * placesOf(network, layer, this.#tiles.canvas));
  }

  #addOwn(all: Float32Array, found: { window: Window; layer: string; read: Float32Array | undefined }): void {
    const { window, layer, read } = found;
    if (read === undefined) throw new Error(`the graph says nothing about ${layer}`);
    const stride = strideOf(this.#tiles.parts.network, layer);
    const [box, own] = [scaledBox(window, stride), scaledBox(window.own, stride)];
    const data = cropPlanes(read, box, { ...own, left: own.left - box.left, top: own.top - box.top });
    addPart(all, scaledBox({ left: 0, top: 0, ...this.#tiles.canvas }, stride), { ...own, data });
  }
}

// --- internal ---

function addMean(
  mean: Float32Array,
  outputs: Readonly<Record<string, Float32Array>>,
  { layer, region, tiles }: { layer: string; region: number; tiles: Tiles },
): void {
  const gram = outputs[tilePorts.gram(layer, region)];
  if (gram === undefined) throw new Error(`the graph says nothing about ${layer}`);
  const { squares } = tiles.mask(layer, region);
  for (let i = 0; i < mean.length; i++) mean[i]! += gram[i]! / squares;
}
