import { GraphBuilder, type OnnxGraph, type Port } from "../../models/onnx/graph.ts";
import type { GraphOptions } from "../graph-runtime.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";
import { addBackward, addMask, shareOf } from "./backward.ts";
import { type Activation, addForward, type CanvasSize, layersUpTo, pixelsName } from "./forward.ts";

/** Which layers take part. */
export interface LossLayers {
  readonly content: readonly string[];
  readonly style: readonly string[];
}

/** Names of the inputs and outputs of the graphs. */
export const ports = {
  pixels: pixelsName,
  gradient: "gradient",
  content: "content",
  style: "style",
  /** Features of a layer of the content, [1, channels, height, width]. */
  features: (layer: string) => `features_${layer}`,
  /** Factor on the squared distance to them, [1]. */
  featuresFactor: (layer: string) => `features_factor_${layer}`,
  /** Gram matrix of a layer, [channels, channels]: sums over all places, not means. */
  gram: (layer: string) => `gram_${layer}`,
  /** **Minus** the wanted Gram matrix. */
  minusGram: (layer: string) => `minus_gram_${layer}`,
  /** Factor on the difference of Gram matrices, [1], before it is squared. */
  gramFactor: (layer: string) => `gram_factor_${layer}`,
  /** Share of the layer in the style loss, [1]. */
  gramShare: (layer: string) => `gram_share_${layer}`,
} as const;

/** Pixels to features and Gram matrices: what targets and fidelity are made of. */
export function buildFeatureGraph(network: FeatureNetwork, layers: LossLayers, size: CanvasSize): OnnxGraph {
  const builder = new GraphBuilder();
  const activations = addForward(builder, layersUpTo(network, [...layers.content, ...layers.style]), size);
  const outputs: Port[] = [];
  for (const activation of activations) {
    const { channels, width, height } = activation;
    const name = activation.layer.name;
    if (layers.content.includes(name)) {
      builder.emitAs(ports.features(name), "Identity", [activation.name], {});
      outputs.push({ name: ports.features(name), shape: [1, channels, height, width] });
    }
    if (layers.style.includes(name)) {
      const rows = asRows(builder, activation, activation.name);
      builder.emitAs(ports.gram(name), "Gemm", [rows, rows], { transB: 1 });
      outputs.push({ name: ports.gram(name), shape: [channels, channels] });
    }
  }
  return graphOf(builder, { name: "features", inputs: [pixelsPort(size)], outputs });
}

/**
 * Pixels and targets to the losses and the gradient of their sum for the pixels (Gatys, Ecker, Bethge 2016). With features F of a layer
 * in rows, target features P and target Gram matrix A:
 * content = c |F - P|^2, with gradient 2 c (F - P);
 * style = share |s (F F' - A)|^2, with gradient 4 share s^2 (F F' - A) F.
 * `sparesMemory`: activations that are cheap to come by are worked out again on the way back.
 */
export function buildLossGraph(
  network: FeatureNetwork,
  layers: LossLayers,
  { sparesMemory = false, ...size }: CanvasSize & GraphOptions,
): OnnxGraph {
  const builder = new GraphBuilder();
  const activations = addForward(builder, layersUpTo(network, [...layers.content, ...layers.style]), size);
  const terms = new LossTerms(builder, layers);
  const inputs = [pixelsPort(size), ...activations.flatMap((activation) => terms.inputsOf(activation))];
  const gradient = addGradient(builder, activations, { terms, sparesMemory });
  builder.emitAs(ports.gradient, "Identity", [gradient ?? pixelsName], {});
  const outputs = [{ ...pixelsPort(size), name: ports.gradient }, terms.sum("content"), terms.sum("style")];
  return graphOf(builder, { name: "losses", inputs, outputs });
}

/** What the layers themselves contribute to a loss. */
export interface OwnTerms {
  /** Whether the layer has losses of its own. */
  isOn(activation: Activation): boolean;
  /** The gradient of the layer's own losses; undefined where it has none. */
  gradientOf(activation: Activation): string | undefined;
}

/** The gradient of all losses for the pixels, from the last layer back to the first; undefined when there are no losses. */
export function addGradient(
  builder: GraphBuilder,
  activations: readonly Activation[],
  { terms, sparesMemory = false }: { terms: OwnTerms } & GraphOptions,
): string | undefined {
  // What the runtime meets late in the file it works out early: after the chain of gradients, all this would be in memory at once.
  const own = activations.map((activation) => terms.gradientOf(activation));
  const masks = activations.map((activation) => {
    const isOn = terms.isOn(activation);
    return addMask(builder, activation, {
      isAnew: sparesMemory && isCheap(activation) && !isOn,
      isInPlanes: sparesMemory || isOn,
    });
  });
  let gradient: string | undefined;
  for (const [index, activation] of [...activations.entries()].toReversed()) {
    gradient = added(builder, gradient, own[index]);
    if (gradient !== undefined) gradient = addBackward(builder, activation, { gradient, mask: masks[index] ?? [] });
  }
  return gradient;
}

/** The sum of gradients, of which there may be none. Not as a summand of a matrix product: that is first copied there, by one thread. */
export function added(builder: GraphBuilder, a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return builder.emit("Add", [a, b]);
}

/** Planes as one row for each channel. */
export function asRows(builder: GraphBuilder, { channels, width, height }: Activation, value: string): string {
  return builder.emit("Reshape", [value, builder.integers([channels, height * width])]);
}

export function pixelsPort({ width, height }: CanvasSize): Port {
  return { name: pixelsName, shape: [1, 3, height, width] };
}

export function graphOf(builder: GraphBuilder, parts: Pick<OnnxGraph, "name" | "inputs" | "outputs">): OnnxGraph {
  return { ...parts, nodes: builder.nodes, constants: builder.constants };
}

// --- internal ---

class LossTerms implements OwnTerms {
  readonly #builder: GraphBuilder;
  readonly #layers: LossLayers;
  readonly #losses = { content: [] as string[], style: [] as string[] };

  constructor(builder: GraphBuilder, layers: LossLayers) {
    this.#builder = builder;
    this.#layers = layers;
  }

  inputsOf({ layer: { name }, channels, width, height }: Activation): Port[] {
    const found: Port[] = [];
    if (this.#layers.content.includes(name)) {
      found.push({ name: ports.features(name), shape: [1, channels, height, width] });
      found.push({ name: ports.featuresFactor(name), shape: [1] });
    }
    if (this.#layers.style.includes(name)) {
      found.push({ name: ports.minusGram(name), shape: [channels, channels] });
      found.push({ name: ports.gramFactor(name), shape: [1] }, { name: ports.gramShare(name), shape: [1] });
    }
    return found;
  }

  isOn({ layer: { name } }: Activation): boolean {
    return this.#layers.content.includes(name) || this.#layers.style.includes(name);
  }

  gradientOf(activation: Activation): string | undefined {
    const { name } = activation.layer;
    const content = this.#layers.content.includes(name) ? this.#content(activation) : undefined;
    return added(this.#builder, content, this.#layers.style.includes(name) ? this.#style(activation) : undefined);
  }

  /** The sum of the terms of one kind as an output; zero when there are none. */
  sum(kind: "content" | "style"): Port {
    const terms = this.#losses[kind];
    const zero = () => this.#builder.floats([1], new Float32Array(1));
    this.#builder.emitAs(ports[kind], "Sum", terms.length > 0 ? terms : [zero()], {});
    return { name: ports[kind], shape: [1] };
  }

  #content({ layer, name }: Activation): string {
    const builder = this.#builder;
    const difference = builder.emit("Sub", [name, ports.features(layer.name)]);
    const factor = ports.featuresFactor(layer.name);
    const square = builder.emit("ReduceSumSquare", [difference], { keepdims: 0 });
    this.#losses.content.push(builder.emit("Mul", [square, factor]));
    const twice = builder.emit("Mul", [factor, builder.scalar(2 * shareOf(layer))]);
    return builder.emit("Mul", [difference, twice]);
  }

  #style(activation: Activation): string {
    const builder = this.#builder;
    const { channels, width, height } = activation;
    const [factor, share] = [ports.gramFactor(activation.layer.name), ports.gramShare(activation.layer.name)];
    const rows = asRows(builder, activation, activation.name);
    const raw = builder.emit("Gemm", [rows, rows, ports.minusGram(activation.layer.name)], { transB: 1 });
    const difference = builder.emit("Mul", [raw, factor]);
    const square = builder.emit("ReduceSumSquare", [difference], { keepdims: 0 });
    this.#losses.style.push(builder.emit("Mul", [square, share]));
    const four = builder.scalar(4 * shareOf(activation.layer));
    const scale = builder.emit("Mul", [builder.emit("Mul", [factor, share]), four]);
    const left = builder.emit("Mul", [difference, scale]);
    const shape = builder.integers([1, channels, height, width]);
    return builder.emit("Reshape", [builder.emit("MatMul", [left, rows]), shape]);
  }
}

/** Whether an activation costs less to work out again than memory to keep. */
function isCheap({ layer }: Activation): boolean {
  return layer.kind === "convolution" && layer.isDepthwise;
}
