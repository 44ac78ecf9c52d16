import type * as Tensorflow from "@tensorflow/tfjs-core";
import { activationAttribute } from "./fuse.ts";
import type { PlanContext, Planned } from "./operations.ts";

type Picture = Tensorflow.Tensor4D;

/** A window that slides over a picture: each pair is height, width. */
interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Before and after, for height and for width. */
  readonly margins: readonly [Pair, Pair];
}
type Pair = readonly [number, number];

/** Dense or depthwise, with its bias and the activation that was fused to it. */
export function convolution(context: PlanContext): Planned {
  const { tf, node } = context;
  const weights = context.constant(1);
  if (!(weights?.data instanceof Float32Array) || weights.shape.length !== 4 || context.layout(0) !== "picture") {
    throw context.unsupported("wants a picture and constant weights");
  }
  const { data } = weights;
  const [outputs = 0, inputs = 0, height = 0, width = 0] = weights.shape;
  const group = node.attributes.get("group") ?? 1;
  const isDepthwise = group !== 1 && inputs === 1;
  if (group !== 1 && !(isDepthwise && typeof group === "number" && outputs % group === 0)) {
    throw context.unsupported("in groups of several channels is not known");
  }
  const kernel = context.keep((): Picture => {
    const multiplier = isDepthwise && typeof group === "number" ? outputs / group : 1;
    if (!isDepthwise) return tf.transpose(tf.tensor4d(data, [outputs, inputs, height, width]), [2, 3, 1, 0]);
    return tf.transpose(tf.tensor4d(data, [outputs / multiplier, multiplier, height, width]), [2, 3, 0, 1]);
  });
  const offsets = context.constant(2)?.data;
  if (offsets === undefined && node.inputs.length > 2) throw context.unsupported("with a computed bias is not known");
  const bias = offsets === undefined ? undefined : context.keep(() => tf.tensor1d(Float32Array.from(offsets)));
  const activation = node.attributes.get(activationAttribute) === "relu6" ? "relu6" : "relu";
  const window = windowOf(context, [height, width]);
  const fused = isDepthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  return {
    layout: "picture",
    run: (values) => {
      const { x, padding } = framed(context, asPicture(values), window, 0);
      return fused({
        x,
        filter: kernel,
        strides: [...window.strides],
        pad: padding,
        dilations: [...window.dilations],
        activation: node.attributes.has(activationAttribute) ? activation : "linear",
        ...(bias === undefined ? {} : { bias }),
      });
    },
  };
}

export function pool(context: PlanContext, kind: "max" | "average"): Planned {
  const { tf, node } = context;
  const kernel = node.attributes.get("kernel_shape");
  if (context.layout(0) !== "picture" || !Array.isArray(kernel) || kernel.length !== 2) {
    throw context.unsupported("wants a picture and a window of two sides");
  }
  if (node.attributes.get("ceil_mode") === 1) throw context.unsupported("rounding up is not known");
  const window = windowOf(context, [kernel[0] ?? 1, kernel[1] ?? 1]);
  if (kind === "average" && window.margins.flat().some((margin) => margin !== 0)) {
    throw context.unsupported("over a margin is not known");
  }
  if (window.dilations.join() !== "1,1") throw context.unsupported("with gaps is not known");
  const [size, strides] = [pairOf(window.kernel), pairOf(window.strides)];
  return {
    layout: "picture",
    run: (values) => {
      // Below every number, so that a margin is never the largest.
      const { x, padding } = framed(context, asPicture(values), window, -3.4e38);
      return kind === "max" ? tf.maxPool(x, size, strides, padding) : tf.avgPool(x, size, strides, padding);
    },
  };
}

// --- internal ---

function asPicture([value]: readonly Tensorflow.Tensor[]): Picture {
  if (value?.rank !== 4) throw new Error("cannot happen: a picture was planned");
  return value as Picture;
}

function windowOf(context: PlanContext, kernel: Pair): Window {
  const { attributes } = context.node;
  const whole = (name: string, otherwise: readonly number[]) => {
    const value = attributes.get(name) ?? otherwise;
    if (!Array.isArray(value) || value.length !== otherwise.length) throw context.unsupported(`with such ${name}`);
    return value as readonly number[];
  };
  const automatic = attributes.get("auto_pad") ?? "NOTSET";
  if (automatic !== "NOTSET") throw context.unsupported(`with padding ${String(automatic)} is not known`);
  const [top = 0, left = 0, bottom = 0, right = 0] = whole("pads", [0, 0, 0, 0]);
  return {
    kernel,
    strides: pairOf(whole("strides", [1, 1])),
    dilations: pairOf(whole("dilations", [1, 1])),
    margins: [
      [top, bottom],
      [left, right],
    ],
  };
}

function pairOf(list: readonly number[]): [number, number] {
  return [list[0] ?? 1, list[1] ?? 1];
}

/**
 * The picture with its margins. Not every backend takes margins in numbers, all take TensorFlow's words for them: `valid` is none,
 * `same` is what makes the picture smaller by the stride alone, the odd place at the end.
 */
function framed(
  { tf }: PlanContext,
  x: Picture,
  window: Window,
  fill: number,
): { x: Picture; padding: "same" | "valid" } {
  if (window.margins.flat().every((margin) => margin === 0)) return { x, padding: "valid" };
  const isSame = ([1, 2] as const).every((axis) => {
    const [before, after] = window.margins[axis - 1]!;
    const [size, stride] = [x.shape[axis], window.strides[axis - 1]!];
    const reach = (window.kernel[axis - 1]! - 1) * window.dilations[axis - 1]! + 1;
    const wanted = Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
    return before === Math.floor(wanted / 2) && after === wanted - before;
  });
  if (isSame) return { x, padding: "same" };
  const [vertical, horizontal] = window.margins;
  return { x: tf.pad(x, [[0, 0], [...vertical], [...horizontal], [0, 0]], fill), padding: "valid" };
}
