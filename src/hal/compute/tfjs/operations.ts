import type * as Tensorflow from "@tensorflow/tfjs-core";
import type { LintelError } from "../../../core/errors.ts";
import { convolution, pool } from "./convolution.ts";
import type { Library } from "./graph-runner.ts";
import type { OnnxNode, OnnxTensor } from "./onnx-file.ts";

type Tensor = Tensorflow.Tensor;

/** `picture`: four dimensions that ONNX calls batch, channel, height, width, kept with the channels last. `plain`: as ONNX has it. */
export type Layout = "picture" | "plain";

export interface PlanContext {
  readonly tf: Library;
  readonly node: OnnxNode;
  /** The constant of an input by its position; undefined when it is computed. */
  constant(position: number): OnnxTensor | undefined;
  layout(position: number): Layout;
  /** Puts a constant on the device for as long as the network lives. */
  keep<T extends Tensor>(make: () => T): T;
  unsupported(why: string): LintelError;
}

/** How a node runs; `run` gets the values of the inputs that are computed, in order. */
export interface Planned {
  readonly layout: Layout;
  run(inputs: readonly Tensor[]): Tensor;
}

/** How each ONNX operation (version 17 and older) is done with TensorFlow.js. */
export const operations: ReadonlyMap<string, (context: PlanContext) => Planned> = new Map([
  ["Conv", convolution],
  ["MaxPool", (context: PlanContext) => pool(context, "max")],
  ["AveragePool", (context: PlanContext) => pool(context, "average")],
  ["GlobalAveragePool", globalAverage],
  ["Relu", unary((tf, x) => tf.relu(x))],
  ["Sigmoid", unary((tf, x) => tf.sigmoid(x))],
  ["Identity", unary((tf, x) => tf.clone(x))],
  ["Clip", clip],
  ["PRelu", prelu],
  ["Add", binary((tf, a, b) => tf.add(a, b))],
  ["Sub", binary((tf, a, b) => tf.sub(a, b))],
  ["Mul", binary((tf, a, b) => tf.mul(a, b))],
  ["Min", binary((tf, a, b) => tf.minimum(a, b))],
  ["Max", binary((tf, a, b) => tf.maximum(a, b))],
  ["MatMul", matrixProduct],
  ["Gemm", generalProduct],
  ["Pad", pad],
  ["Transpose", transpose],
  ["Reshape", reshape],
  ["Flatten", flatten],
  ["Concat", concatenate],
]);

// --- internal ---

/** From ONNX' order (batch, channel, height, width) to channels last, and back. */
const toLast = [0, 2, 3, 1] as const;
const toPlanes = [0, 3, 1, 2] as const;

function only(inputs: readonly Tensor[]): Tensor {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) throw new Error("cannot happen: one input was planned");
  return input;
}

function unary(apply: (tf: Library, x: Tensor) => Tensor): (context: PlanContext) => Planned {
  return (context) => ({ layout: context.layout(0), run: (inputs) => apply(context.tf, only(inputs)) });
}

/** Two values of one layout, or a value and a constant that is spread over it. */
function binary(apply: (tf: Library, a: Tensor, b: Tensor) => Tensor): (context: PlanContext) => Planned {
  return (context) => {
    const { tf } = context;
    const [first, second] = [context.constant(0), context.constant(1)];
    if (first === undefined && second === undefined) {
      if (context.layout(0) !== context.layout(1)) throw context.unsupported("of different layouts is not known");
      return {
        layout: context.layout(0),
        run: ([a, b]) => {
          if (!a || !b) throw new Error("cannot happen: two inputs were planned");
          return apply(tf, a, b);
        },
      };
    }
    const layout = context.layout(first === undefined ? 0 : 1);
    const other = first ?? second;
    if (other === undefined) throw context.unsupported("of two constants is not known");
    const constant = spread(context, other, layout);
    return {
      layout,
      run: (inputs) => (first === undefined ? apply(tf, only(inputs), constant) : apply(tf, constant, only(inputs))),
    };
  };
}

/** A constant in the layout of the value that it meets: one number, one for each channel, or a whole picture. */
function spread(context: PlanContext, { shape, data }: OnnxTensor, layout: Layout): Tensor {
  const { tf } = context;
  return context.keep(() => {
    const tensor = tf.tensor(Float32Array.from(data), [...shape]);
    if (layout === "plain" || data.length === 1) return layout === "picture" ? tf.reshape(tensor, []) : tensor;
    const full = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
    return tf.transpose(tf.reshape(tensor, full), [...toLast]);
  });
}

function clip(context: PlanContext): Planned {
  const bound = (position: number, otherwise: number) => {
    if (context.node.inputs[position] === undefined || context.node.inputs[position] === "") return otherwise;
    const value = context.constant(position)?.data[0];
    if (value === undefined) throw context.unsupported("to computed bounds is not known");
    return value;
  };
  const [low, high] = [bound(1, -3.4e38), bound(2, 3.4e38)];
  return { layout: context.layout(0), run: (inputs) => context.tf.clipByValue(only(inputs), low, high) };
}

function prelu(context: PlanContext): Planned {
  const slopes = context.constant(1);
  if (slopes === undefined) throw context.unsupported("with computed slopes is not known");
  const alpha = spread(context, slopes, context.layout(0));
  return { layout: context.layout(0), run: (inputs) => context.tf.prelu(only(inputs), alpha) };
}

function globalAverage(context: PlanContext): Planned {
  if (context.layout(0) !== "picture") throw context.unsupported("wants a picture");
  return { layout: "picture", run: (inputs) => context.tf.mean(only(inputs), [1, 2], true) };
}

function matrixProduct(context: PlanContext): Planned {
  const right = context.constant(1);
  if (right?.shape.length !== 2 || context.layout(0) !== "plain") throw context.unsupported("wants a constant matrix");
  const matrix = spread(context, right, "plain");
  return { layout: "plain", run: (inputs) => context.tf.matMul(only(inputs), matrix) };
}

/** Row times matrix plus row, with neither factor. */
function generalProduct(context: PlanContext): Planned {
  const { tf, node } = context;
  const factors = [
    node.attributes.get("alpha") ?? 1,
    node.attributes.get("beta") ?? 1,
    node.attributes.get("transA") ?? 0,
  ];
  if (factors.join() !== "1,1,0") throw context.unsupported(`with factors ${factors.join()} is not known`);
  const [right, row] = [context.constant(1), context.constant(2)];
  if (right?.shape.length !== 2 || context.layout(0) !== "plain") throw context.unsupported("wants a constant matrix");
  if (row === undefined && node.inputs.length > 2) throw context.unsupported("with a computed row is not known");
  const matrix = spread(context, right, "plain");
  const isTransposed = node.attributes.get("transB") === 1;
  const bias = row === undefined ? undefined : spread(context, row, "plain");
  return {
    layout: "plain",
    run: (inputs) => {
      const product = tf.matMul(only(inputs), matrix, false, isTransposed);
      return bias === undefined ? product : tf.add(product, bias);
    },
  };
}

/** Zeros around the picture or after its channels. */
function pad(context: PlanContext): Planned {
  const pads = context.constant(1)?.data;
  const mode = context.node.attributes.get("mode") ?? "constant";
  const isZero = context.node.inputs[2] === undefined || context.constant(2)?.data[0] === 0;
  if (pads?.length !== 8 || mode !== "constant" || !isZero || context.layout(0) !== "picture") {
    throw context.unsupported("wants a picture, constants and zeros");
  }
  const amounts = toLast.map((axis): [number, number] => [pads[axis] ?? 0, pads[axis + 4] ?? 0]);
  return { layout: "picture", run: (inputs) => context.tf.pad(only(inputs), amounts) };
}

/** Channels last is how a picture lies already. */
function transpose(context: PlanContext): Planned {
  const { tf, node } = context;
  const order = node.attributes.get("perm");
  if (!Array.isArray(order)) throw context.unsupported("wants its order");
  if (context.layout(0) === "plain")
    return { layout: "plain", run: (inputs) => tf.transpose(only(inputs), [...order]) };
  if (order.join() !== toLast.join()) throw context.unsupported(`of a picture to ${order.join()} is not known`);
  return { layout: "plain", run: (inputs) => tf.clone(only(inputs)) };
}

function reshape(context: PlanContext): Planned {
  const wanted = context.constant(1)?.data;
  if (wanted === undefined) throw context.unsupported("to a computed shape is not known");
  if (wanted.includes(0)) throw context.unsupported("to a shape with zeros is not known");
  const layout = context.layout(0);
  return {
    layout: "plain",
    run: (inputs) => context.tf.reshape(asPlain(context.tf, only(inputs), layout), [...wanted]),
  };
}

function flatten(context: PlanContext): Planned {
  if ((context.node.attributes.get("axis") ?? 1) !== 1) throw context.unsupported("from another axis is not known");
  const layout = context.layout(0);
  return {
    layout: "plain",
    run: (inputs) => {
      const input = only(inputs);
      return context.tf.reshape(asPlain(context.tf, input, layout), [input.shape[0] ?? 1, -1]);
    },
  };
}

/** The numbers in ONNX' order; a picture of one place or one channel lies that way already. */
function asPlain(tf: Library, input: Tensor, layout: Layout): Tensor {
  const [, height = 1, width = 1, channels = 1] = input.shape;
  if (layout === "plain" || height * width === 1 || channels === 1) return input;
  return tf.transpose(input, [...toPlanes]);
}

function concatenate(context: PlanContext): Planned {
  const axis = context.node.attributes.get("axis");
  const layouts = context.node.inputs.map((_, position) => context.layout(position));
  const [layout = "plain"] = layouts;
  if (typeof axis !== "number" || axis < 0) throw context.unsupported("wants an axis");
  if (layouts.some((each, position) => each !== layout || context.constant(position) !== undefined)) {
    throw context.unsupported("of different layouts is not known");
  }
  const along = layout === "picture" ? toLast.indexOf(axis as 0 | 1 | 2 | 3) : axis;
  return { layout, run: (inputs) => context.tf.concat([...inputs], along) };
}
