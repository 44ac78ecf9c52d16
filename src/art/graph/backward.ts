import type { GraphBuilder } from "../../models/onnx/graph.ts";
import type { ChainLayer, ConvolutionLayer } from "../networks/feature-network.ts";
import { type Activation, addConvolution, convolutionAttributes, kernelShape, padsOf } from "./forward.ts";

/**
 * The gradient of a layer's output turned into that of its input, said in ONNX (the chain rule for each kind of layer):
 * the activation is a mask; a convolution is one with the kernel turned by 180 degrees and its channels exchanged; one with stride 2 is
 * that of a gradient with zeros between its places; the mean of 2 x 2 is a quarter to each of the four.
 *
 * Everything but zeros between places is said in operators that ONNX Runtime can run on blocks of channels, as it does the
 * convolutions: each change to planes and back costs as much as an activation.
 */
export function addBackward(
  builder: GraphBuilder,
  output: Activation,
  { gradient, mask }: { readonly gradient: string; readonly mask: Mask },
): string {
  const masked = mask.reduce((product, ramp) => builder.emit("Mul", [product, ramp]), gradient);
  return addConvolutionBackward(builder, output, masked);
}

/** Values to multiply a gradient with: one for each bound of the activation. */
export type Mask = readonly string[];

/**
 * Zero where the activation is at a bound, for there the output does not follow the input, and one elsewhere. As steep ramps that
 * begin at the bounds, because comparisons and choices are slower here than products, and know planes only. `isAnew`: from the
 * layer's input, so that the activation need not be kept until then.
 */
export function addMask(builder: GraphBuilder, { layer, name, input }: Activation, isAnew = false): Mask {
  if (layer.kind === "pooling") return [];
  const value = isAnew ? addConvolution(builder, layer, input) : name;
  const ramp = (alpha: number, beta: number) =>
    builder.emit("HardSigmoid", [value], { alpha: { float: alpha }, beta: { float: beta } });
  return layer.activation === "relu" ? [ramp(steep, 0)] : [ramp(steep, 0), ramp(-steep, 6 * steep)];
}

/** Any number above zero, times this, is above one. A power of two: products with it are exact. */
const steep = 2 ** 60;

/** As `addBackward` for a gradient of the convolution itself, before its activation. */
export function addConvolutionBackward(builder: GraphBuilder, output: Activation, gradient: string): string {
  const { layer } = output;
  const share = output.before === undefined ? 1 : shareOf(output.before);
  if (layer.kind === "pooling") {
    const all = enlarged(builder, gradient);
    return share === 1 ? all : builder.emit("Mul", [all, builder.scalar(share)]);
  }
  if (layer.stride === 2 && !layer.isDepthwise) {
    const kernel = builder.floats(kernelShape(layer), times(layer.kernel, share));
    return builder.emit("ConvTranspose", [gradient, kernel], convolutionAttributes(layer));
  }
  const shape = layer.isDepthwise
    ? kernelShape(layer)
    : [layer.inputs, layer.outputs, layer.kernelSize, layer.kernelSize];
  const kernel = builder.floats(shape, times(turnedKernel(layer), share));
  const spread = layer.stride === 2 ? zerosBetween(builder, output, gradient) : gradient;
  const [top, left, bottom, right] = padsOf(layer);
  const reach = layer.kernelSize - 1;
  const pads = layer.stride === 2 ? [reach - top, reach - left, top, left] : [bottom, right, top, left];
  return builder.emit("Conv", [spread, kernel], { ...convolutionAttributes(layer), pads, strides: [1, 1] });
}

/**
 * What one of 2 x 2 places has in their mean. It is multiplied in before the gradient arrives at a mean, where that costs least: in the
 * kernel of the layer above, and in the factor of the mean's own losses.
 */
export function shareOf({ kind }: ChainLayer): number {
  return kind === "pooling" ? 0.25 : 1;
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

function times(kernel: Float32Array, factor: number): Float32Array {
  return factor === 1 ? kernel : kernel.map((weight) => weight * factor);
}

/** Each number at four places. */
function enlarged(builder: GraphBuilder, value: string): string {
  const scales = builder.floats([4], Float32Array.of(1, 1, 2, 2));
  const how = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  return builder.emit("Resize", [value, "", scales], how);
}

/** Each number at the first of four places, zero at the others. */
function zerosBetween(builder: GraphBuilder, { width, height }: Activation, value: string): string {
  const places = new Float32Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) places[2 * (2 * width * y + x)] = 1;
  }
  const mask = builder.floats([1, 1, 2 * height, 2 * width], places);
  return builder.emit("Mul", [enlarged(builder, value), mask]);
}
