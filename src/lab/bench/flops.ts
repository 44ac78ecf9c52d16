import type { OnnxGraph, OnnxNode } from "../../models/onnx/graph.ts";

/**
 * Arithmetic that a network asks for: two operations for each multiply-add of its convolutions and matrix products, at a
 * batch of one. Bias, activation, pooling and moving of data are not counted, as is usual; so the figure is what the network
 * needs and not what a runtime does. Throws an Error for an operation whose shape it does not know.
 */
export function countFlops(graph: OnnxGraph): number {
  const shapes = new Map<string, Shape>(graph.inputs.map(({ name, shape }) => [name, shape]));
  for (const [name, { shape }] of graph.constants) shapes.set(name, shape);
  let flops = 0;
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => shapeOf(name, shapes));
    const output = outputShape(node, inputs, graph);
    shapes.set(node.output, output);
    flops += flopsOf(node.op, inputs, output);
  }
  return flops;
}

// --- internal ---

type Shape = readonly number[];

function shapeOf(name: string, shapes: ReadonlyMap<string, Shape>): Shape {
  const shape = shapes.get(name);
  if (!shape) throw new Error(`nothing produces ${name}`);
  return shape;
}

function flopsOf(op: string, inputs: readonly Shape[], output: Shape): number {
  const places = product(output);
  // A weight has the shape [outputs, inputs of the group, height, width].
  if (op === "Conv") return 2 * places * product((inputs[1] ?? []).slice(1));
  if (op === "MatMul") return 2 * places * (inputs[0]?.at(-1) ?? 0);
  return 0;
}

function outputShape(node: OnnxNode, inputs: readonly Shape[], graph: OnnxGraph): Shape {
  const [first = [], second = []] = inputs;
  const [batch = 1, channels = 1] = first;
  switch (node.op) {
    case "Conv":
      return [batch, second[0] ?? 0, ...windowPlaces(node, first)];
    case "MaxPool":
    case "AveragePool":
      return [batch, channels, ...windowPlaces(node, first)];
    case "GlobalAveragePool":
      return [batch, channels, 1, 1];
    case "MatMul":
      return [...first.slice(0, -1), second.at(-1) ?? 0];
    case "Transpose":
      return listOf(node, "perm", []).map((axis) => first[axis] ?? 0);
    case "Concat":
      return concatenated(inputs, Number(node.attributes.axis ?? 0));
    case "Reshape":
      return reshaped(first, numbersOf(node.inputs[1], graph));
    case "Pad": {
      const pads = numbersOf(node.inputs[1], graph);
      return first.map((size, axis) => size + (pads[axis] ?? 0) + (pads[axis + first.length] ?? 0));
    }
    case "Add":
    case "Mul":
    case "Min":
    case "Max":
      return broadcast(inputs);
    case "Relu":
    case "PRelu":
    case "Clip":
    case "Sigmoid":
    case "Identity":
      return first;
    default:
      throw new Error(`cannot count ${node.op} (node ${node.output})`);
  }
}

/** Height and width at which a window stands, by the formula of the ONNX standard (floor). */
function windowPlaces(node: OnnxNode, [, , height = 0, width = 0]: Shape): Shape {
  const kernel = listOf(node, "kernel_shape", [1, 1]);
  const strides = listOf(node, "strides", [1, 1]);
  const dilations = listOf(node, "dilations", [1, 1]);
  const pads = listOf(node, "pads", [0, 0, 0, 0]);
  return [height, width].map((size, axis) => {
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    return Math.floor((size + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0) - reach) / (strides[axis] ?? 1)) + 1;
  });
}

function listOf(node: OnnxNode, name: string, otherwise: readonly number[]): readonly number[] {
  const value = node.attributes[name];
  if (value === undefined) return otherwise;
  if (typeof value === "string" || (typeof value === "object" && "float" in value)) {
    throw new Error(`${node.output}: ${name} is no list of whole numbers`);
  }
  return typeof value === "number" ? [value] : value;
}

function numbersOf(name: string | undefined, graph: OnnxGraph): number[] {
  const constant = graph.constants.get(name ?? "");
  if (!constant) throw new Error(`${name} is not a constant`);
  return Array.from(constant.data, Number);
}

/** 0 keeps a size, -1 takes what is left. */
function reshaped(from: Shape, wanted: readonly number[]): Shape {
  const sizes = wanted.map((size, axis) => (size === 0 ? (from[axis] ?? 1) : size));
  const known = product(sizes.filter((size) => size > 0));
  return sizes.map((size) => (size === -1 ? product(from) / known : size));
}

function concatenated(inputs: readonly Shape[], axis: number): Shape {
  const [first = []] = inputs;
  return first.map((size, at) => (at === axis ? inputs.reduce((sum, shape) => sum + (shape[at] ?? 0), 0) : size));
}

function broadcast(inputs: readonly Shape[]): Shape {
  const rank = Math.max(...inputs.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...inputs.map((shape) => shape[axis - rank + shape.length] ?? 1)),
  );
}

function product(sizes: Shape): number {
  return sizes.reduce((total, size) => total * size, 1);
}
