import { GraphBuilder, type OnnxGraph, type Port } from "../../models/onnx/graph.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";
import { addBackward, shareOf } from "./backward.ts";
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
 */
export function buildLossGraph(network: FeatureNetwork, layers: LossLayers, size: CanvasSize): OnnxGraph {
  const builder = new GraphBuilder();
  const activations = addForward(builder, layersUpTo(network, [...layers.content, ...layers.style]), size);
  const terms = new LossTerms(builder, layers);
  const inputs = [pixelsPort(size), ...activations.flatMap((activation) => terms.inputsOf(activation))];
  let gradient: string | undefined;
  for (const activation of activations.toReversed()) {
    gradient = terms.add(activation, gradient);
    if (gradient !== undefined) gradient = addBackward(builder, activation, gradient);
  }
  builder.emitAs(ports.gradient, "Identity", [gradient ?? pixelsName], {});
  const outputs = [{ ...pixelsPort(size), name: ports.gradient }, terms.sum("content"), terms.sum("style")];
  return graphOf(builder, { name: "losses", inputs, outputs });
}

// --- internal ---

class LossTerms {
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

  /** The gradient from above and that of the layer's own losses; undefined where there is neither. */
  add(activation: Activation, above: string | undefined): string | undefined {
    const { name } = activation.layer;
    let gradient = above;
    if (this.#layers.content.includes(name)) gradient = this.#content(activation, gradient);
    if (this.#layers.style.includes(name)) gradient = this.#style(activation, gradient);
    return gradient;
  }

  /** The sum of the terms of one kind as an output; zero when there are none. */
  sum(kind: "content" | "style"): Port {
    const terms = this.#losses[kind];
    const zero = () => this.#builder.floats([1], new Float32Array(1));
    this.#builder.emitAs(ports[kind], "Sum", terms.length > 0 ? terms : [zero()], {});
    return { name: ports[kind], shape: [1] };
  }

  #content({ layer, name }: Activation, above: string | undefined): string {
    const builder = this.#builder;
    const difference = builder.emit("Sub", [name, ports.features(layer.name)]);
    const factor = ports.featuresFactor(layer.name);
    const square = builder.emit("ReduceSumSquare", [difference], { keepdims: 0 });
    this.#losses.content.push(builder.emit("Mul", [square, factor]));
    const twice = builder.emit("Mul", [factor, builder.scalar(2 * shareOf(layer))]);
    const own = builder.emit("Mul", [difference, twice]);
    return above === undefined ? own : builder.emit("Add", [above, own]);
  }

  #style(activation: Activation, above: string | undefined): string {
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
    const own = builder.emit("Reshape", [builder.emit("MatMul", [left, rows]), shape]);
    // A sum of its own: added within the product it would first be copied there, by one thread.
    return above === undefined ? own : builder.emit("Add", [above, own]);
  }
}

function asRows(builder: GraphBuilder, { channels, width, height }: Activation, value: string): string {
  return builder.emit("Reshape", [value, builder.integers([channels, height * width])]);
}

function pixelsPort({ width, height }: CanvasSize): Port {
  return { name: pixelsName, shape: [1, 3, height, width] };
}

function graphOf(builder: GraphBuilder, parts: Pick<OnnxGraph, "name" | "inputs" | "outputs">): OnnxGraph {
  return { ...parts, nodes: builder.nodes, constants: builder.constants };
}
