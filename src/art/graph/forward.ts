import { LintelError } from "../../core/errors.ts";
import type { GraphBuilder } from "../../models/onnx/graph.ts";
import type { ChainLayer, ConvolutionLayer, FeatureNetwork } from "../networks/feature-network.ts";

/** Name of the picture among the inputs: [1, 3, height, width], `pixel - mean`. */
export const pixelsName = "pixels";

export interface CanvasSize {
  readonly width: number;
  readonly height: number;
}

/** What a layer gives for a picture: planes `[1, channels, height, width]`. */
export interface Activation extends CanvasSize {
  readonly layer: ChainLayer;
  /** Of the value in the graph. */
  readonly name: string;
  readonly channels: number;
  /** The layer's input in the graph. */
  readonly input: string;
  /** The layer whose activation that is; absent: the picture. */
  readonly before?: ChainLayer;
}

/** Sides of a canvas are multiples of this, so that every halving of the chain is exact. */
export function canvasStep(layers: readonly ChainLayer[]): number {
  return layers.reduce((step, layer) => (halves(layer) ? 2 * step : step), 1);
}

/** The layers that are needed for the named ones. Throws `LINTEL_E_USAGE` for a name the network does not have. */
export function layersUpTo(network: FeatureNetwork, names: readonly string[]): readonly ChainLayer[] {
  const places = names.map((name) => {
    const place = network.layers.findIndex((layer) => layer.name === name);
    if (place >= 0) return place;
    throw new LintelError("LINTEL_E_USAGE", `${network.name} has no layer ${name}`, {
      hint: `It has ${network.layers.map((layer) => layer.name).join(", ")}.`,
    });
  });
  return network.layers.slice(0, Math.max(-1, ...places) + 1);
}

/** Adds the chain to the graph; the picture's sides must be multiples of `canvasStep`. */
export function addForward(builder: GraphBuilder, layers: readonly ChainLayer[], size: CanvasSize): Activation[] {
  const activations: Activation[] = [];
  let before: Omit<Activation, "layer" | "input"> & { layer?: ChainLayer } = { name: pixelsName, channels: 3, ...size };
  for (const layer of layers) {
    const { width, height } = before;
    const name =
      layer.kind === "pooling"
        ? addPooling(builder, before.name)
        : activated(builder, layer, addConvolution(builder, layer, before.name));
    const divisor = halves(layer) ? 2 : 1;
    const channels = layer.kind === "pooling" ? before.channels : layer.outputs;
    const input = { input: before.name, ...(before.layer === undefined ? {} : { before: before.layer }) };
    const activation = { layer, name, channels, ...input, width: width / divisor, height: height / divisor };
    activations.push(activation);
    before = activation;
  }
  return activations;
}

/** The convolution of a layer without its activation, from a copy of its weights. */
export function addConvolution(builder: GraphBuilder, layer: ConvolutionLayer, input: string): string {
  const kernel = builder.floats(kernelShape(layer), layer.kernel);
  const bias = builder.floats([layer.outputs], layer.bias);
  return builder.emit("Conv", [input, kernel, bias], convolutionAttributes(layer));
}

/** Padding of a convolution: top, left, bottom, right. */
export function padsOf({ kernelSize, stride }: ConvolutionLayer): readonly [number, number, number, number] {
  const all = kernelSize - 1;
  // On even sides `SAME` of TensorFlow pads one less in all with stride 2, and the odd one at the end.
  const begin = stride === 2 ? Math.floor((all - 1) / 2) : all / 2;
  const end = stride === 2 ? all - 1 - begin : all / 2;
  return [begin, begin, end, end];
}

export function convolutionAttributes(layer: ConvolutionLayer) {
  return {
    kernel_shape: [layer.kernelSize, layer.kernelSize],
    pads: padsOf(layer),
    strides: [layer.stride, layer.stride],
    group: layer.isDepthwise ? layer.inputs : 1,
  };
}

export function kernelShape(layer: ConvolutionLayer): readonly number[] {
  return [layer.outputs, layer.isDepthwise ? 1 : layer.inputs, layer.kernelSize, layer.kernelSize];
}

// --- internal ---

function halves(layer: ChainLayer): boolean {
  return layer.kind === "pooling" || layer.stride === 2;
}

function addPooling(builder: GraphBuilder, input: string): string {
  return builder.emit("AveragePool", [input], { kernel_shape: [2, 2], strides: [2, 2] });
}

function activated(builder: GraphBuilder, { activation }: ConvolutionLayer, sum: string): string {
  if (activation === "relu") return builder.emit("Relu", [sum]);
  return builder.emit("Clip", [sum, builder.scalar(0), builder.scalar(6)]);
}
