import { channelsIn, padsOf } from "./channels.ts";
import type { Constant, OnnxGraph, OnnxNode } from "./graph.ts";

/** Channels that ONNX Runtime's kernels for x64 keep together, at most. */
const block = 16;

/**
 * Gives values of 24 channels eight more, of zeros, so that they fill whole blocks: the runtime's convolutions compute these anyhow, and
 * its pooling, which else would have to leave the blocks, stays in them. Only values are widened that end in convolutions again, whose
 * kernels get zeros for what was added; so what is computed stays the same.
 */
export function inWholeBlocks(graph: OnnxGraph): OnnxGraph {
  const width = widthsIn(graph);
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.map((node) => {
    if (node.op === "Conv") return widenedConvolution(node, { constants, width });
    return node.op === "Pad" ? widenedPad(node, { constants, width }) : node;
  });
  return { ...graph, nodes, constants };
}

// --- internal ---

/** Channels of a value when it is as wide as it may be. */
type WidthOf = (name: string) => number;

/** What these compute of a channel depends on no other one. */
const channelByChannel = new Set(["Relu", "Clip", "Add", "MaxPool", "AveragePool"]);

function widthsIn(graph: OnnxGraph): WidthOf {
  const channels = channelsIn(graph);
  const kept = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const width: WidthOf = (name) => {
    const count = channels(name) ?? 0;
    return kept.has(name) ? count : Math.ceil(count / block) * block;
  };
  let before: number;
  do {
    before = kept.size;
    for (const node of graph.nodes) {
      const values = [...node.inputs.filter((name) => !graph.constants.has(name)), node.output];
      if (!canWiden(node, { graph, width, isKept: values.some((name) => kept.has(name)) })) {
        for (const name of values) kept.add(name);
      }
    }
  } while (kept.size > before);
  return width;
}

/** Whether the node can do with what it takes and gives as wide as they are. */
function canWiden(node: OnnxNode, parts: { graph: OnnxGraph; width: WidthOf; isKept: boolean }): boolean {
  const { graph, width, isKept } = parts;
  if (channelByChannel.has(node.op)) return !isKept;
  if (node.op === "Pad") return padsOf(node, graph)?.first === 0 && width(node.inputs[0] ?? "") <= width(node.output);
  if (node.op !== "Conv") return false;
  const [outputs, inputs] = graph.constants.get(node.inputs[1] ?? "")?.shape ?? [];
  const { group = 1 } = node.attributes;
  return group === 1 || (group === outputs && inputs === 1 && !isKept);
}

interface Work {
  readonly constants: Map<string, Constant>;
  readonly width: WidthOf;
}

function widenedConvolution(node: OnnxNode, { constants, width }: Work): OnnxNode {
  const [input = "", kernelName = "", biasName] = node.inputs;
  const kernel = constants.get(kernelName);
  const [outputs = 0, inputs = 0, ...area] = kernel?.shape ?? [];
  const isDepthwise = node.attributes.group !== undefined && node.attributes.group !== 1;
  const shape = [width(node.output), isDepthwise ? inputs : width(input), ...area];
  if (kernel === undefined || (shape[0] === outputs && shape[1] === inputs)) return node;
  const grow = (name: string, constant: Constant, to: readonly number[]): string => {
    constants.set(`${node.output}_${name}`, { shape: to, data: grown(constant, to) });
    return `${node.output}_${name}`;
  };
  const bias = constants.get(biasName ?? "");
  const parts = [grow("wide", kernel, shape), ...(bias ? [grow("bias", bias, shape.slice(0, 1))] : [])];
  const group = isDepthwise ? { group: width(node.output) } : {};
  return { ...node, inputs: [input, ...parts], attributes: { ...node.attributes, ...group } };
}

/** The same numbers, and zeros for the channels that are new: the first two dimensions grow. */
function grown({ shape, data }: Constant, to: readonly number[]): Float32Array {
  const [rows = 0, columns = 1, ...area] = shape;
  const [, toColumns = 1] = to;
  const each = area.reduce((product, size) => product * size, 1);
  const result = new Float32Array(to.reduce((product, size) => product * size, 1));
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns * each; i++)
      result[row * toColumns * each + i] = Number(data[row * columns * each + i]);
  }
  return result;
}

function widenedPad(node: OnnxNode, { constants, width }: Work): OnnxNode {
  const pads = padsOf(node, { constants });
  const [input = ""] = node.inputs;
  const more = width(node.output) - width(input);
  if (pads === undefined || pads.first !== 0 || more === pads.last) return node;
  const name = `${node.output}_wide`;
  const data = [0, 0, pads.top, pads.left, 0, more, pads.bottom, pads.right].map(BigInt);
  constants.set(name, { shape: [8], data: BigInt64Array.from(data) });
  return { ...node, inputs: [input, name] };
}
