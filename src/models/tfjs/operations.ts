import { denseKernel, depthwiseKernel } from "../onnx/relayout.ts";
import { attributeInts, attributeText, attributeTexts, channelCount, perChannel, size } from "./attributes.ts";
import { flatten, type NodeContext, type Value } from "./value.ts";
import { placeWindow } from "./window.ts";

type Operation = (context: NodeContext) => Value;

/** How each TensorFlow operation is said in ONNX. */
export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["Identity", ({ value }) => value(0)],
  ["Conv2D", convolution],
  ["_FusedConv2D", convolution],
  ["DepthwiseConv2dNative", convolution],
  ["FusedDepthwiseConv2dNative", convolution],
  ["Add", elementwise("Add")],
  ["AddV2", elementwise("Add")],
  ["Sub", elementwise("Sub")],
  ["Mul", elementwise("Mul")],
  ["Minimum", elementwise("Min")],
  ["Maximum", elementwise("Max")],
  ["Relu", unary("Relu")],
  ["Sigmoid", unary("Sigmoid")],
  ["Relu6", (context) => relu6(context, context.value(0))],
  ["Prelu", (context) => prelu(context, context.value(0), 1)],
  ["MaxPool", maxPool],
  ["Pad", pad],
  ["Mean", mean],
  ["Reshape", reshape],
]);

/** Dense or depthwise, with the bias and activations that the fused forms carry. */
function convolution(context: NodeContext): Value {
  const { node, builder } = context;
  const weights = context.constant(1);
  if (!(weights?.data instanceof Float32Array)) throw context.unsupported("has no constant weights");
  const shape = [
    size(weights.shape, 0),
    size(weights.shape, 1),
    size(weights.shape, 2),
    size(weights.shape, 3),
  ] as const;
  const [height, width, inputs, last] = shape;
  const depthwise = node.op.includes("Depthwise");
  const channels = depthwise ? inputs * last : last;
  const source = { shape, data: weights.data };
  const kernel = depthwise
    ? builder.floats([channels, 1, height, width], depthwiseKernel(source))
    : builder.floats([channels, inputs, height, width], denseKernel(source));

  const window = slide(context, [height, width], attributeInts(node, "strides"));
  const fused = attributeTexts(node, "fused_ops");
  const bias = fused[0] === "BiasAdd" ? [builder.floats([channels], perChannel(context, 2, channels))] : [];
  const output = builder.emit("Conv", [context.value(0).name, kernel, ...bias], {
    kernel_shape: [height, width],
    strides: window.strides,
    dilations: window.dilations,
    pads: window.pads,
    group: depthwise ? inputs : 1,
  });
  const value: Value = { name: output, shape: [1, ...window.places, channels], layout: "spatial" };
  return fused.slice(bias.length).reduce((current, name) => activation(context, current, name), value);
}

function activation(context: NodeContext, value: Value, name: string): Value {
  if (name === "Relu") return { ...value, name: context.builder.emit("Relu", [value.name]) };
  if (name === "Relu6") return relu6(context, value);
  if (name === "Prelu") return prelu(context, value, 3);
  throw context.unsupported(`with the fused activation ${name} is not known`);
}

function relu6({ builder }: NodeContext, value: Value): Value {
  return { ...value, name: builder.emit("Clip", [value.name, builder.scalar(0), builder.scalar(6)]) };
}

function prelu(context: NodeContext, value: Value, slopes: number): Value {
  const channels = channelCount(value);
  const data = perChannel(context, slopes, channels);
  const shape = value.layout === "spatial" ? [channels, 1, 1] : [channels];
  return { ...value, name: context.builder.emit("PRelu", [value.name, context.builder.floats(shape, data)]) };
}

interface Slide {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly places: readonly [height: number, width: number];
}

/** Where the window of a convolution or a pooling stands on the first input. */
function slide(context: NodeContext, kernel: readonly [number, number], strides: readonly number[]): Slide {
  const padding = attributeText(context.node, "padding");
  if (padding !== "SAME" && padding !== "VALID") throw context.unsupported(`with padding ${padding} is not known`);
  const dilations = attributeInts(context.node, "dilations", [1, 1, 1, 1]);
  const input = context.value(0);
  if (input.layout !== "spatial") throw context.unsupported("wants a picture");
  const along = (axis: 1 | 2) =>
    placeWindow(
      {
        size: size(input.shape, axis),
        kernel: size(kernel, axis - 1),
        stride: size(strides, axis),
        dilation: size(dilations, axis),
      },
      padding,
    );
  const [vertical, horizontal] = [along(1), along(2)];
  return {
    strides: strides.slice(1, 3),
    dilations: dilations.slice(1, 3),
    pads: [vertical.begin, horizontal.begin, vertical.end, horizontal.end],
    places: [vertical.places, horizontal.places],
  };
}

function maxPool(context: NodeContext): Value {
  const [, height = 1, width = 1] = attributeInts(context.node, "ksize");
  const window = slide(context, [height, width], attributeInts(context.node, "strides"));
  const input = context.value(0);
  const name = context.builder.emit("MaxPool", [input.name], {
    kernel_shape: [height, width],
    strides: window.strides,
    pads: window.pads,
  });
  return { name, shape: [1, ...window.places, channelCount(input)], layout: "spatial" };
}

/** Zeros around the picture or after the channels. */
function pad(context: NodeContext): Value {
  const amounts = context.constant(1);
  const input = context.value(0);
  if (amounts === undefined || input.layout !== "spatial") throw context.unsupported("wants a picture and constants");
  const before = input.shape.map((_, axis) => size(amounts.data, 2 * axis));
  const after = input.shape.map((_, axis) => size(amounts.data, 2 * axis + 1));
  const planes = (list: readonly number[]) => [0, 3, 1, 2].map((axis) => size(list, axis));
  const pads = context.builder.integers([...planes(before), ...planes(after)]);
  const shape = input.shape.map((length, axis) => size(before, axis) + length + size(after, axis));
  return { name: context.builder.emit("Pad", [input.name, pads]), shape, layout: "spatial" };
}

/** The mean over the whole picture, the only one that occurs. */
function mean(context: NodeContext): Value {
  const axes = [...(context.constant(1)?.data ?? [])].sort();
  const input = context.value(0);
  if (input.layout !== "spatial" || axes.join() !== "1,2") throw context.unsupported("over other axes is not known");
  const channels = channelCount(input);
  const pooled = context.builder.emit("GlobalAveragePool", [input.name]);
  const name = context.builder.emit("Reshape", [pooled, context.builder.integers([1, channels])]);
  return { name, shape: [1, channels], layout: "flat" };
}

function reshape(context: NodeContext): Value {
  const wanted = context.constant(1);
  if (wanted === undefined) throw context.unsupported("to a computed shape is not known");
  const input = context.value(0);
  const count = input.shape.reduce((a, b) => a * b, 1);
  const known = [...wanted.data].filter((length) => length !== -1).reduce((a, b) => a * b, 1);
  const shape = [...wanted.data].map((length) => (length === -1 ? count / known : length));
  return { name: flatten(context.builder, input, shape), shape, layout: "flat" };
}

function unary(op: string): Operation {
  return (context) => {
    const input = context.value(0);
    return { ...input, name: context.builder.emit(op, [input.name]) };
  };
}

/** Two values of one shape, or a value and a constant for each channel or for all. */
function elementwise(op: string): Operation {
  return (context) => {
    const sides = [0, 1].map((position) => (context.constant(position) === undefined ? position : undefined));
    const computed = sides.filter((position) => position !== undefined).map((position) => context.value(position));
    const [first, second = first] = computed;
    if (first === undefined || second === undefined) throw context.unsupported("of two constants is not known");
    if (first.layout !== second.layout || first.shape.join() !== second.shape.join()) {
      throw context.unsupported("of different shapes is not known");
    }
    const names = sides.map((side, position) =>
      side === undefined ? constantOperand(context, position, first) : context.value(side).name,
    );
    return { ...first, name: context.builder.emit(op, names) };
  };
}

function constantOperand(context: NodeContext, position: number, other: Value): string {
  const length = context.constant(position)?.data.length ?? 0;
  const channels = length === 1 ? 1 : channelCount(other);
  const data = perChannel(context, position, channels);
  if (length === 1) return context.builder.floats([], data);
  return context.builder.floats(other.layout === "spatial" ? [channels, 1, 1] : [channels], data);
}
