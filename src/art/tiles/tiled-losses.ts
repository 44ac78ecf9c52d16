import { encodeOnnx } from "../../models/onnx/encode.ts";
import { channelsOf, memoryFor, squareSum } from "../features.ts";
import { shareOf } from "../graph/backward.ts";
import { layersUpTo } from "../graph/forward.ts";
import { ports } from "../graph/loss-graph.ts";
import type { FloatTensor, GraphSession } from "../graph-runtime.ts";
import type { LossPlan } from "../losses.ts";
import type { Planes } from "../optimise/adam.ts";
import type { Losses } from "../scene.ts";
import { type ContentTarget, contentTargets, tiny } from "../targets.ts";
import { LayerMask, strideOf } from "./layer-masks.ts";
import { addPart, cropPlanes, scaledBox } from "./planes-part.ts";
import { buildTileGradientGraph, tilePorts } from "./tile-graph.ts";
import { FeatureReader, type TiledFeatures, type Tiles } from "./tiled-features.ts";
import type { Window } from "./windows.ts";

/** What the regions are to resemble, and what each counts. */
export interface TiledTargets extends TiledFeatures {
  /** A factor on the style loss of each region. */
  readonly weights: readonly number[];
}

/**
 * The losses of a picture and their gradient, window by window, equal to those without windows: the Gram matrices of the whole picture
 * are added up first, then each window gives the gradient of what its own part has in them. Costs a forward pass more than a graph of
 * the whole picture.
 */
export class TiledLosses {
  readonly #tiles: Tiles;
  readonly #plan: LossPlan;
  readonly #targets: TiledTargets;
  readonly #session: GraphSession;
  readonly #reader: FeatureReader | undefined;
  readonly #contents: ReadonlyMap<string, ContentTarget>;
  readonly #gradient: Float32Array;
  /** Where the gradient of each window is written. */
  readonly #into: Readonly<Record<string, FloatTensor>>;

  static async open(tiles: Tiles, plan: LossPlan, targets: TiledTargets): Promise<TiledLosses> {
    const { graphs, network, layers } = tiles.parts;
    const memory = memoryFor(tiles.shape);
    const graph = buildTileGradientGraph(network, layers, { ...tiles.shape, ...memory });
    const session = await graphs.open(encodeOnnx(graph), memory);
    const hasStyle = layers.style.length > 0;
    const reader = hasStyle ? await FeatureReader.open(tiles, { ...layers, content: [] }) : undefined;
    return new TiledLosses({ tiles, plan, targets, session, reader });
  }

  private constructor(parts: {
    tiles: Tiles;
    plan: LossPlan;
    targets: TiledTargets;
    session: GraphSession;
    reader: FeatureReader | undefined;
  }) {
    this.#tiles = parts.tiles;
    this.#plan = parts.plan;
    this.#targets = parts.targets;
    this.#session = parts.session;
    this.#reader = parts.reader;
    this.#contents = contentTargets(parts.plan, parts.targets);
    const { width, height } = parts.tiles.canvas;
    this.#gradient = new Float32Array(3 * width * height);
    const window = parts.tiles.shape;
    const data = new Float32Array(3 * window.width * window.height);
    this.#into = { [ports.gradient]: { data, shape: [1, 3, window.height, window.width] } };
  }

  /** The next gradient is written over this one. */
  async of(picture: Planes): Promise<Losses> {
    const found = await this.#reader?.read(picture);
    const { style, lefts } = this.#style(found);
    const gradient = this.#gradient.fill(0);
    let content = 0;
    for (const window of this.#tiles.windows) {
      const feeds = {
        [ports.pixels]: this.#tiles.pixelsIn(window, picture),
        ...this.#tiles.maskFeeds(window),
        ...this.#contentFeeds(window),
        ...lefts,
      };
      const outputs = await this.#session.run(feeds, this.#into);
      const [data, part] = [outputs[ports.gradient], outputs[ports.content]];
      if (data === undefined || part === undefined) throw new Error("the graph of a window lacks an output");
      addPart(gradient, this.#tiles.canvas, { ...window, data });
      content += part[0] ?? Number.NaN;
    }
    return { content, style, gradient };
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    await this.#session.close();
  }

  // --- internal ---

  /** The style loss, and what the masked features are multiplied with. */
  #style(found: TiledFeatures | undefined): { style: number; lefts: Record<string, FloatTensor> } {
    const lefts: Record<string, FloatTensor> = {};
    let style = 0;
    if (found === undefined) return { style, lefts };
    for (const [region, grams] of found.grams.entries()) {
      for (const { layer, weight } of this.#plan.style) {
        const [gram, wanted] = [grams.get(layer), this.#targets.grams[region]?.get(layer)];
        if (gram === undefined || wanted === undefined) throw new Error(`no Gram matrix for ${layer}`);
        const share = (weight * (this.#targets.weights[region] ?? 0)) / (squareSum(wanted) + tiny);
        const difference = gram.map((value, i) => value - wanted[i]!);
        style += share * squareSum(difference);
        const places = this.#tiles.mask(layer, region).squares;
        const factor = (4 * share * this.#layerShare(layer)) / (places + tiny);
        const channels = channelsOf(this.#tiles.parts.network, layer);
        const data = difference.map((value) => factor * value);
        lefts[tilePorts.left(layer, region)] = { data, shape: [channels, channels] };
      }
    }
    return { style, lefts };
  }

  #layerShare(name: string): number {
    const layer = layersUpTo(this.#tiles.parts.network, [name]).at(-1);
    return layer === undefined ? 1 : shareOf(layer);
  }

  #contentFeeds(window: Window): Record<string, FloatTensor> {
    const { network } = this.#tiles.parts;
    const feeds: Record<string, FloatTensor> = {};
    for (const [layer, { data, factor }] of this.#contents) {
      const stride = strideOf(network, layer);
      const box = scaledBox(window, stride);
      const all = scaledBox({ left: 0, top: 0, ...this.#tiles.canvas }, stride);
      const shape = [1, channelsOf(network, layer), box.height, box.width];
      feeds[ports.features(layer)] = { data: cropPlanes(data, all, box), shape };
      feeds[ports.featuresFactor(layer)] = { data: Float32Array.of(factor), shape: [1] };
      const own = new LayerMask(undefined, { canvas: this.#tiles.canvas, stride }).in(window);
      feeds[tilePorts.own(layer)] = this.#tiles.placesIn(window, layer, own);
    }
    return feeds;
  }
}
