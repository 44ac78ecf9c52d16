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
 * Zero where the activation is at a bound, for there the output does not follow the input, and one elsewhere. As steep ramps that begin at
 * the bounds, which the runtime can work out in blocks of channels; a choice between two bounds costs less as a comparison, where the
 * activation lies in planes anyway.
 */
export function addMask(builder: GraphBuilder, { layer, name, input }: Activation, how: MaskOptions = {}): Mask {
  if (layer.kind === "pooling") return [];
  const value = how.isAnew ? addConvolution(builder, layer, input) : name;
  const ramp = (alpha: number, beta: number) =>
    builder.emit("HardSigmoid", [value], { alpha: { float: alpha }, beta: { float: beta } });
  if (layer.activation === "relu") return [ramp(steep, 0)];
  if (!how.isInPlanes) return [ramp(steep, 0), ramp(-steep, 6 * steep)];
  const above = builder.emit("Greater", [value, builder.scalar(0)]);
  const below = builder.emit("Less", [value, builder.scalar(6)]);
  return [builder.emit("Cast", [builder.emit("And", [above, below])], { to: onnxFloat })];
}

export interface MaskOptions {
  /** From the layer's input, so that the activation need not be kept until then. */
  readonly isAnew?: boolean;
  readonly isInPlanes?: boolean;
}

/** The number of `float` among ONNX' types of data. */
const onnxFloat = 1;
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
  const isEven = output.width % 2 === 0 && output.height % 2 === 0;
  if (!layer.isDepthwise && (layer.stride === 2 || (isEven && layer.inputs < fewChannels))) {
    return fourPlacesAtOnce(builder, { ...layer, kernel: times(layer.kernel, share) }, gradient);
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

/** The runtime works out channels by the sixteen, whether there are as many or not. */
const fewChannels = 16;

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

/**
 * The gradient for the input of a dense convolution, 2 x 2 places of it as four times the channels, which are then laid out. With
 * stride 2 each of the four is met by kernel places of its own; with few channels it fills the blocks.
 */
function fourPlacesAtOnce(builder: GraphBuilder, layer: ConvolutionLayer, gradient: string): string {
  const { kernel, inputs, outputs, kernelSize, stride } = layer;
  const [first] = padsOf(layer);
  const before = Math.floor((kernelSize - 1 - first) / stride);
  const after = Math.floor((1 + first) / stride);
  const side = before + after + 1;
  const spread = new Float32Array(4 * inputs * outputs * side ** 2);
  /** Of the kernel, for the place 0 or 1 of two and the place in `spread`; may lie outside. */
  const place = (of: number, at: number) => of + first + stride * (before - at);
  let to = 0;
  for (let corner = 0; corner < 4; corner++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        for (let at = 0; at < side ** 2; at++, to++) {
          const y = place(corner >> 1, Math.floor(at / side));
          const x = place(corner & 1, at % side);
          if (Math.min(x, y) < 0 || Math.max(x, y) >= kernelSize) continue;
          spread[to] = kernel[((o * inputs + i) * kernelSize + y) * kernelSize + x]!;
        }
      }
    }
  }
  const end = after + stride - 2;
  const places = builder.emit("Conv", [gradient, builder.floats([4 * inputs, outputs, side, side], spread)], {
    kernel_shape: [side, side],
    pads: [before, before, end, end],
    strides: [2 / stride, 2 / stride],
  });
  return builder.emit("DepthToSpace", [places], { blocksize: 2 });
}

/** Each number at four places. */
function enlarged(builder: GraphBuilder, value: string): string {
  const scales = builder.floats([4], Float32Array.of(1, 1, 2, 2));
  const how = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  return builder.emit("Resize", [value, "", scales], how);
}

/**
 * Each number at the first of four places, zero at the others. Channels are taken for pictures, for which the runtime has no blocks: the
 * product with the zeros wants planes, and a quarter of the numbers is laid out sooner than all of them.
 */
function zerosBetween(builder: GraphBuilder, { width, height, channels }: Activation, value: string): string {
  const places = new Float32Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) places[2 * (2 * width * y + x)] = 1;
  }
  const mask = builder.floats([1, 1, 2 * height, 2 * width], places);
  const pictures = builder.emit("Reshape", [value, builder.integers([channels, 1, height, width])]);
  const spread = builder.emit("Mul", [enlarged(builder, pictures), mask]);
  return builder.emit("Reshape", [spread, builder.integers([1, channels, 2 * height, 2 * width])]);
}
