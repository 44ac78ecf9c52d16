import { GraphBuilder, type OnnxGraph, type Port } from "../../models/onnx/graph.ts";
import { shareOf } from "../graph/backward.ts";
import { type Activation, addForward, type CanvasSize, layersUpTo, pixelsName } from "../graph/forward.ts";
import {
  added,
  addGradient,
  asRows,
  graphOf,
  type LossLayers,
  type OwnTerms,
  pixelsPort,
  ports,
} from "../graph/loss-graph.ts";
import type { GraphOptions } from "../graph-runtime.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";

/** Inputs and outputs of the graphs of one window, besides those of `ports`. Regions are counted from 0. */
export const tilePorts = {
  /** How much each place of a layer counts, [1, 1, height, width]: 0 outside of the window's own part. */
  mask: (layer: string, region: number) => `mask_${region}_${layer}`,
  /** One in the window's own part of a layer, else zero, [1, 1, height, width]. */
  own: (layer: string) => `own_${layer}`,
  /** Gram matrix of the masked features of a layer, [channels, channels]. */
  gram: (layer: string, region: number) => `gram_${region}_${layer}`,
  /** What the masked features are multiplied with to give their gradient, [channels, channels]. */
  left: (layer: string, region: number) => `left_${region}_${layer}`,
} as const;

export interface TileShape extends CanvasSize {
  /** How many regions have a style of their own. */
  readonly regions: number;
}

/** Pixels of a window and masks to Gram matrices of what is under the masks, and to features. */
export function buildTileFeatureGraph(network: FeatureNetwork, layers: LossLayers, shape: TileShape): OnnxGraph {
  const builder = new GraphBuilder();
  const activations = addForward(builder, layersUpTo(network, [...layers.content, ...layers.style]), shape);
  const inputs = [pixelsPort(shape)];
  const outputs: Port[] = [];
  for (const activation of activations) {
    const { channels, width, height } = activation;
    const { name } = activation.layer;
    if (layers.content.includes(name)) {
      builder.emitAs(ports.features(name), "Identity", [activation.name], {});
      outputs.push({ name: ports.features(name), shape: [1, channels, height, width] });
    }
    for (const region of regionsOf(layers, name, shape)) {
      inputs.push({ name: tilePorts.mask(name, region), shape: [1, 1, height, width] });
      const rows = maskedRows(builder, activation, region);
      builder.emitAs(tilePorts.gram(name, region), "Gemm", [rows, rows], { transB: 1 });
      outputs.push({ name: tilePorts.gram(name, region), shape: [channels, channels] });
    }
  }
  return graphOf(builder, { name: "tile-features", inputs, outputs });
}

/**
 * Pixels of a window to its part of the gradient, where the Gram matrices of the whole picture are known already. With features F of a layer
 * in rows, mask M and target features P: the content is c |M (F - P)|^2 as in `buildLossGraph`; the gradient of the style is
 * (left (F M)) M, with left = 4 share s^2 (G - A) worked out by the caller (Gatys et al. 2017, arXiv:1611.07865, for masks).
 */
export function buildTileGradientGraph(
  network: FeatureNetwork,
  layers: LossLayers,
  { sparesMemory = false, ...shape }: TileShape & GraphOptions,
): OnnxGraph {
  const builder = new GraphBuilder();
  const activations = addForward(builder, layersUpTo(network, [...layers.content, ...layers.style]), shape);
  const terms = new TileTerms(builder, layers, shape);
  const inputs = [pixelsPort(shape), ...activations.flatMap((activation) => terms.inputsOf(activation))];
  const gradient = addGradient(builder, activations, { terms, sparesMemory });
  builder.emitAs(ports.gradient, "Identity", [gradient ?? pixelsName], {});
  const outputs = [{ ...pixelsPort(shape), name: ports.gradient }, terms.content()];
  return graphOf(builder, { name: "tile-gradient", inputs, outputs });
}

// --- internal ---

class TileTerms implements OwnTerms {
  readonly #builder: GraphBuilder;
  readonly #layers: LossLayers;
  readonly #shape: TileShape;
  readonly #contents: string[] = [];

  constructor(builder: GraphBuilder, layers: LossLayers, shape: TileShape) {
    this.#builder = builder;
    this.#layers = layers;
    this.#shape = shape;
  }

  inputsOf({ layer: { name }, channels, width, height }: Activation): Port[] {
    const places = [1, 1, height, width];
    const content = this.#layers.content.includes(name)
      ? [
          { name: ports.features(name), shape: [1, channels, height, width] },
          { name: tilePorts.own(name), shape: places },
          { name: ports.featuresFactor(name), shape: [1] },
        ]
      : [];
    const style = regionsOf(this.#layers, name, this.#shape).flatMap((region) => [
      { name: tilePorts.mask(name, region), shape: places },
      { name: tilePorts.left(name, region), shape: [channels, channels] },
    ]);
    return [...content, ...style];
  }

  isOn({ layer: { name } }: Activation): boolean {
    return this.#layers.content.includes(name) || this.#layers.style.includes(name);
  }

  gradientOf(activation: Activation): string | undefined {
    const { name } = activation.layer;
    let gradient = this.#layers.content.includes(name) ? this.#content(activation) : undefined;
    for (const region of regionsOf(this.#layers, name, this.#shape)) {
      gradient = added(this.#builder, gradient, this.#style(activation, region));
    }
    return gradient;
  }

  /** The window's part of the content loss as an output. */
  content(): Port {
    const terms = this.#contents.length > 0 ? this.#contents : [this.#builder.floats([1], new Float32Array(1))];
    this.#builder.emitAs(ports.content, "Sum", terms, {});
    return { name: ports.content, shape: [1] };
  }

  #content({ layer, name }: Activation): string {
    const builder = this.#builder;
    const everywhere = builder.emit("Sub", [name, ports.features(layer.name)]);
    const difference = builder.emit("Mul", [everywhere, tilePorts.own(layer.name)]);
    const factor = ports.featuresFactor(layer.name);
    const square = builder.emit("ReduceSumSquare", [difference], { keepdims: 0 });
    this.#contents.push(builder.emit("Mul", [square, factor]));
    return builder.emit("Mul", [difference, builder.emit("Mul", [factor, builder.scalar(2 * shareOf(layer))])]);
  }

  #style(activation: Activation, region: number): string {
    const builder = this.#builder;
    const { layer, channels, width, height } = activation;
    const rows = maskedRows(builder, activation, region);
    const product = builder.emit("MatMul", [tilePorts.left(layer.name, region), rows]);
    const planes = builder.emit("Reshape", [product, builder.integers([1, channels, height, width])]);
    return builder.emit("Mul", [planes, tilePorts.mask(layer.name, region)]);
  }
}

function regionsOf({ style }: LossLayers, layer: string, { regions }: TileShape): number[] {
  return style.includes(layer) ? Array.from({ length: regions }, (_, region) => region) : [];
}

function maskedRows(builder: GraphBuilder, activation: Activation, region: number): string {
  const masked = builder.emit("Mul", [activation.name, tilePorts.mask(activation.layer.name, region)]);
  return asRows(builder, activation, masked);
}
