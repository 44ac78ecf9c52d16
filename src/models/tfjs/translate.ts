import { LintelError } from "../../core/errors.ts";
import { GraphBuilder, type OnnxGraph } from "../onnx/graph.ts";
import { type GraphNode, prune, type TfjsGraph } from "./graph.ts";
import { operations } from "./operations.ts";
import { flatten, type NodeContext, type Value } from "./value.ts";
import type { Tensor } from "./weights.ts";

export interface TranslateOptions {
  readonly model: string;
  readonly width: number;
  readonly height: number;
  /** Graph nodes that make up each output, and its length. */
  readonly outputs: Readonly<Record<string, { readonly from: readonly string[]; readonly length: number }>>;
}

/** Name of the one input of every compiled network. */
export const inputName = "input";

/**
 * Translates a TensorFlow.js graph to ONNX: planes instead of interleaved channels, batch one, only the nodes that lead
 * to the wanted outputs. Throws `LINTEL_E_MODEL_UNSUPPORTED` for an operation it does not know.
 */
export function translate(whole: TfjsGraph, options: TranslateOptions): OnnxGraph {
  const graph = prune(
    whole,
    Object.values(options.outputs).flatMap((output) => output.from),
  );
  const builder = new GraphBuilder();
  const values = new Map<string, Value>();
  const constants = new Map<string, Tensor>();
  for (const node of graph.nodes) {
    if (node.op === "Const") {
      constants.set(node.name, constantOf(graph, node, options.model));
      continue;
    }
    const context = nodeContext({ node, builder, values, constants, model: options.model });
    values.set(node.name, node.op === "Placeholder" ? inputValue(options) : operationFor(context)(context));
  }
  const outputs = Object.entries(options.outputs).map(([name, { from, length }]) => {
    writeOutput({ name, parts: from.map((part) => computed(values, part)), builder, length });
    return { name, shape: [1, length] };
  });
  const inputs = [{ name: inputName, shape: [1, 3, options.height, options.width] }];
  return { name: options.model, inputs, outputs, nodes: builder.nodes, constants: builder.constants };
}

function inputValue(options: TranslateOptions): Value {
  return { name: inputName, shape: [1, options.height, options.width, 3], layout: "spatial" };
}

function operationFor(context: NodeContext): (context: NodeContext) => Value {
  const operation = operations.get(context.node.op);
  if (operation === undefined) throw context.unsupported("is not known");
  return operation;
}

function constantOf(graph: TfjsGraph, node: GraphNode, model: string): Tensor {
  const tensor = graph.weights.get(node.name);
  if (tensor === undefined) throw new LintelError("LINTEL_E_MODEL", `model ${model}: no weights for ${node.name}`);
  return tensor;
}

function computed(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new LintelError("LINTEL_E_MODEL", `the graph uses ${name} before it is computed`);
  return value;
}

function nodeContext(parts: {
  node: GraphNode;
  builder: GraphBuilder;
  values: ReadonlyMap<string, Value>;
  constants: ReadonlyMap<string, Tensor>;
  model: string;
}): NodeContext {
  const { node, builder, values, constants, model } = parts;
  return {
    node,
    builder,
    value: (position) => computed(values, node.input[position] ?? `input ${position} of ${node.name}`),
    constant: (position) => constants.get(node.input[position] ?? ""),
    unsupported: (why) =>
      new LintelError("LINTEL_E_MODEL_UNSUPPORTED", `model ${model}: node ${node.name}: operation ${node.op} ${why}`, {
        hint: "This model cannot be used with this version.",
      }),
  };
}

function writeOutput(output: { name: string; parts: Value[]; builder: GraphBuilder; length: number }): void {
  const { name, parts, builder, length } = output;
  const total = parts.map((part) => part.shape.reduce((a, b) => a * b, 1)).reduce((a, b) => a + b, 0);
  if (total !== length) {
    throw new LintelError("LINTEL_E_MODEL", `output ${name} has ${total} numbers, expected ${length}`);
  }
  const rows = parts.map((part) => flatten(builder, part, [1, -1]));
  if (rows.length === 1) builder.emitAs(name, "Identity", rows, {});
  else builder.emitAs(name, "Concat", rows, { axis: 1 });
}
