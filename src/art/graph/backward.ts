import type { GraphBuilder } from "../../models/onnx/graph.ts";
import type { ConvolutionLayer } from "../networks/feature-network.ts";
import { type Activation, convolutionAttributes, kernelShape } from "./forward.ts";

/**
 * The gradient of a layer's output turned into that of its input, said in ONNX (the chain rule for each kind of layer):
 * the activation is a mask; a convolution is one with the kernel turned by 180 degrees and its channels exchanged; one with stride 2 is a
 * transposed convolution; the mean of 2 x 2 is a quarter to each of the four.
 */
export function addBackward(builder: GraphBuilder, output: Activation, gradient: string): string {
  const { layer } = output;
  if (layer.kind === "pooling") return spread(builder, gradient);
  return addConvolutionBackward(builder, output, mask(builder, layer, { gradient, activation: output.name }));
}

/** As `addBackward` for a gradient of the convolution itself, before its activation. */
export function addConvolutionBackward(builder: GraphBuilder, output: Activation, gradient: string): string {
  const { layer } = output;
  if (layer.kind === "pooling") return spread(builder, gradient);
  if (layer.stride === 2) {
    const kernel = builder.floats(kernelShape(layer), layer.kernel);
    return builder.emit("ConvTranspose", [gradient, kernel], convolutionAttributes(layer));
  }
  if (layer.kernelSize === 1 && !layer.isDepthwise) return pointwise(builder, { layer, output, gradient });
  const shape = layer.isDepthwise
    ? kernelShape(layer)
    : [layer.inputs, layer.outputs, layer.kernelSize, layer.kernelSize];
  return builder.emit("Conv", [gradient, builder.floats(shape, turnedKernel(layer))], convolutionAttributes(layer));
}

/** Kernel turned by 180 degrees, with inputs and outputs exchanged where it is dense. */
export function turnedKernel(layer: ConvolutionLayer): Float32Array {
  const { kernel, outputs, isDepthwise } = layer;
  const inputs = isDepthwise ? 1 : layer.inputs;
  const area = layer.kernelSize ** 2;
  const turned = new Float32Array(kernel.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      const from = (o * inputs + i) * area;
      const to = (isDepthwise ? o : i * outputs + o) * area;
      for (let place = 0; place < area; place++) turned[to + area - 1 - place] = kernel[from + place]!;
    }
  }
  return turned;
}

// --- internal ---

/** Each number goes to four places; nearest-neighbour enlargement is ONNX's default. */
function spread(builder: GraphBuilder, gradient: string): string {
  const scales = builder.floats([4], Float32Array.of(1, 1, 2, 2));
  return builder.emit("Mul", [builder.emit("Resize", [gradient, "", scales]), builder.scalar(0.25)]);
}

/** Zero where the activation is at a bound, for there the output does not follow the input. */
function mask(
  builder: GraphBuilder,
  layer: ConvolutionLayer,
  { gradient, activation }: { gradient: string; activation: string },
): string {
  const positive = builder.emit("Greater", [activation, builder.scalar(0)]);
  if (layer.activation === "relu") return builder.emit("Where", [positive, gradient, builder.scalar(0)]);
  const below = builder.emit("Less", [activation, builder.scalar(6)]);
  return builder.emit("Where", [builder.emit("And", [positive, below]), gradient, builder.scalar(0)]);
}

/** As a matrix product: the gradient stays in planes, where mask and Gram term have it. */
function pointwise(
  builder: GraphBuilder,
  { layer, output, gradient }: { layer: ConvolutionLayer; output: Activation; gradient: string },
): string {
  const { width, height } = output;
  const transposed = builder.floats([layer.inputs, layer.outputs], turnedKernel(layer));
  const rows = builder.emit("Reshape", [gradient, builder.integers([layer.outputs, height * width])]);
  const product = builder.emit("MatMul", [transposed, rows]);
  return builder.emit("Reshape", [product, builder.integers([1, layer.inputs, height, width])]);
}
