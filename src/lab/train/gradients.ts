import * as tf from "@tensorflow/tfjs-core";

type Gradient = (
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  attributes: Readonly<Record<string, unknown>>,
) => Record<string, () => tf.Tensor>;

/**
 * The library's Node bundle comes without any gradient; these are the few that the networks here need, as derived in any textbook
 * (Goodfellow et al. 2016, 6.5). A test checks them against finite differences.
 */
export function registerGradients(): void {
  for (const [kernelName, saved, gradient] of gradients) {
    if (tf.getGradient(kernelName)) continue;
    tf.registerGradient({
      kernelName,
      inputsToSave: [...(saved.inputs ?? [])],
      ...(saved.outputs ? { outputsToSave: [true] } : {}),
      gradFunc: (dy, kept, attributes) => {
        if (Array.isArray(dy)) throw new Error(`${kernelName} has one output`);
        return gradient(dy, kept, { ...attributes });
      },
    });
  }
}

// --- internal ---

interface Saved {
  readonly inputs?: readonly string[];
  readonly outputs?: boolean;
}

/** Sums over what broadcasting repeated, so that the gradient has the shape of its input. */
function reduceTo(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((length, axis) =>
    axis < extra || (shape[axis - extra] === 1 && length !== 1) ? [axis] : [],
  );
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape]);
}

function at(saved: readonly tf.Tensor[], index: number): tf.Tensor {
  const tensor = saved[index];
  if (!tensor) throw new Error("a gradient without what it needs");
  return tensor;
}

function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (!Array.isArray(value)) throw new Error("expected numbers");
  return value.map(Number);
}

const bothInputs: Saved = { inputs: ["a", "b"] };

const gradients: readonly (readonly [string, Saved, Gradient])[] = [
  ["Add", bothInputs, (dy, s) => ({ a: () => reduceTo(dy, at(s, 0).shape), b: () => reduceTo(dy, at(s, 1).shape) })],
  [
    "Sub",
    bothInputs,
    (dy, s) => ({ a: () => reduceTo(dy, at(s, 0).shape), b: () => reduceTo(tf.neg(dy), at(s, 1).shape) }),
  ],
  [
    "Multiply",
    bothInputs,
    (dy, s) => ({
      a: () => reduceTo(tf.mul(dy, at(s, 1)), at(s, 0).shape),
      b: () => reduceTo(tf.mul(dy, at(s, 0)), at(s, 1).shape),
    }),
  ],
  [
    "RealDiv",
    bothInputs,
    (dy, s) => ({
      a: () => reduceTo(tf.div(dy, at(s, 1)), at(s, 0).shape),
      b: () => reduceTo(tf.neg(tf.div(tf.mul(dy, at(s, 0)), tf.square(at(s, 1)))), at(s, 1).shape),
    }),
  ],
  ["Relu", { inputs: ["x"] }, (dy, s) => ({ x: () => tf.mul(dy, tf.step(at(s, 0))) })],
  ["Square", { inputs: ["x"] }, (dy, s) => ({ x: () => tf.mul(dy, tf.mul(at(s, 0), 2)) })],
  ["Sqrt", { inputs: ["x"] }, (dy, s) => ({ x: () => tf.div(dy, tf.mul(tf.sqrt(at(s, 0)), 2)) })],
  ["Reshape", { inputs: ["x"] }, (dy, s) => ({ x: () => tf.reshape(dy, at(s, 0).shape) })],
  ["Transpose", {}, (dy, _, { perm }) => ({ x: () => tf.transpose(dy, inverseOf(numbersOf(perm))) })],
  ["Identity", {}, (dy) => ({ x: () => dy })],
  ["Sum", { inputs: ["x"] }, (dy, s, { axis }) => ({ x: () => spread(dy, at(s, 0).shape, axis) })],
  ["MaxPool", { inputs: ["x"], outputs: true }, (dy, s, attributes) => maxPoolGradient(dy, s, attributes)],
  ["BatchMatMul", bothInputs, (dy, s, { transposeA, transposeB }) => matMulGradient(dy, s, { transposeA, transposeB })],
];

function inverseOf(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

/** Gives each summed place the gradient of its sum; without axes all were summed. */
function spread(dy: tf.Tensor, shape: number[], axis: unknown): tf.Tensor {
  const axes = axis === undefined || axis === null ? shape.map((_, i) => i) : numbersOf(axis);
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return tf.mul(tf.reshape(dy, kept), tf.ones(shape));
}

/** The backend has a kernel for it, only no gradient that calls it. */
function maxPoolGradient(
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  attributes: Readonly<Record<string, unknown>>,
): Record<string, () => tf.Tensor> {
  const [filterSize = 0] = numbersOf(attributes.filterSize);
  const [strides = 0] = numbersOf(attributes.strides);
  const inputs = { dy, input: at(saved, 0), output: at(saved, 1) };
  return { x: () => tf.engine().runKernel("MaxPoolGrad", inputs, { filterSize, strides, pad: "valid" }) };
}

/** Written with transposed copies of what is small: WebAssembly's product is some twenty times as slow when it is asked to transpose. */
function matMulGradient(
  dy: tf.Tensor,
  saved: readonly tf.Tensor[],
  { transposeA, transposeB }: Readonly<Record<string, unknown>>,
): Record<string, () => tf.Tensor> {
  if (transposeA === true) throw new Error("a transposed left side has no gradient here");
  const [a, b] = [at(saved, 0), at(saved, 1)];
  if (transposeB === true) {
    return { a: () => tf.matMul(dy, b), b: () => tf.matMul(tf.transpose(dy), a) };
  }
  return { a: () => tf.transpose(tf.matMul(b, tf.transpose(dy))), b: () => tf.matMul(tf.transpose(a), dy) };
}
