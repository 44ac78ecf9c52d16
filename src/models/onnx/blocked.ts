import type { Constant, OnnxGraph, OnnxNode } from "./graph.ts";

/**
 * On x64 ONNX Runtime keeps feature planes in blocks of 8 or 16 channels and fuses convolution, sum and activation there.
 * Padding has no blocked form, and neither has pooling of a channel count that is no multiple of 16: the value leaves the
 * blocks and, because a sum wants both sides alike, so does every residual sum after it. A convolution with a unit kernel
 * computes the same and stays in the blocks. Values are unchanged; only the time is.
 */
export function keepBlocked(graph: OnnxGraph): OnnxGraph {
  const constants = new Map(graph.constants);
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const channels = (name: string): number | undefined => channelsOf(name, producers, graph);
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    if (node.op === "Pad") nodes.push(padByConvolution(node, constants, channels) ?? node);
    else if (node.op === "PRelu") nodes.push(...preluByConvolutions(node, constants));
    else if (node.op === "MaxPool" && !isWholeBlocks(channels(node.output))) {
      nodes.push(...pooledThroughConvolution(node, constants, channels));
    } else nodes.push(node);
  }
  return { ...graph, nodes, constants };
}

type ChannelsOf = (name: string) => number | undefined;

function isWholeBlocks(channels: number | undefined): boolean {
  return channels === undefined || channels % 16 === 0;
}

/** Feature planes of a value, where they are known: the nearest convolution before it says. */
function channelsOf(name: string, producers: ReadonlyMap<string, OnnxNode>, graph: OnnxGraph): number | undefined {
  const node = producers.get(name);
  if (node === undefined) return graph.inputs.find((input) => input.name === name)?.shape[1];
  if (node.op === "Conv") return graph.constants.get(node.inputs[1] ?? "")?.shape[0];
  const before = channelsOf(node.inputs[0] ?? "", producers, graph);
  if (node.op !== "Pad" || before === undefined) return before;
  const pads = graph.constants.get(node.inputs[1] ?? "")?.data;
  return pads === undefined ? undefined : before + Number(pads[1]) + Number(pads[5]);
}

/** Zeros around the picture are the convolution's own padding, zeros after the channels are rows of zeros in its kernel. */
function padByConvolution(
  node: OnnxNode,
  constants: Map<string, Constant>,
  channels: ChannelsOf,
): OnnxNode | undefined {
  const [input = "", padsName = ""] = node.inputs;
  const pads = constants.get(padsName)?.data;
  const inputs = channels(input);
  if (pads?.length !== 8 || inputs === undefined) return undefined;
  const [before = 0, first = 0, top = 0, left = 0, after = 0, last = 0, bottom = 0, right = 0] = [...pads].map(Number);
  if (before !== 0 || after !== 0 || first !== 0) return undefined;
  const kernel = unitKernel({ name: `${node.output}_unit`, inputs, outputs: inputs + last, constants });
  return unitConvolution({ input, output: node.output, kernel, pads: [top, left, bottom, right] });
}

function pooledThroughConvolution(node: OnnxNode, constants: Map<string, Constant>, channels: ChannelsOf): OnnxNode[] {
  const count = channels(node.output) ?? 0;
  const pooled = `${node.output}_pooled`;
  const kernel = unitKernel({ name: `${node.output}_unit`, inputs: count, outputs: count, constants });
  return [
    { ...node, output: pooled },
    unitConvolution({ input: pooled, output: node.output, kernel, pads: [0, 0, 0, 0] }),
  ];
}

function unitKernel(parts: {
  name: string;
  inputs: number;
  outputs: number;
  constants: Map<string, Constant>;
}): string {
  const { name, inputs, outputs, constants } = parts;
  const data = new Float32Array(inputs * outputs);
  for (let i = 0; i < Math.min(inputs, outputs); i++) data[i * inputs + i] = 1;
  constants.set(name, { shape: [outputs, inputs, 1, 1], data });
  return name;
}

function unitConvolution(parts: { input: string; output: string; kernel: string; pads: number[] }): OnnxNode {
  const attributes = { kernel_shape: [1, 1], pads: parts.pads };
  return { op: "Conv", inputs: [parts.input, parts.kernel], output: parts.output, attributes };
}

/** PRelu(x) = a x + (1 - a) Relu(x), each product a depthwise convolution with a unit kernel. */
function preluByConvolutions(node: OnnxNode, constants: Map<string, Constant>): OnnxNode[] {
  const [input = "", slopesName = ""] = node.inputs;
  const slopes = constants.get(slopesName)?.data;
  if (!(slopes instanceof Float32Array)) return [node];
  const count = slopes.length;
  const shape = [count, 1, 1, 1];
  const own = (part: string) => `${node.output}_${part}`;
  constants.set(own("linear"), { shape, data: slopes });
  constants.set(own("rest"), { shape, data: slopes.map((slope) => 1 - slope) });
  const attributes = { kernel_shape: [1, 1], group: count };
  return [
    { op: "Relu", inputs: [input], output: own("positive"), attributes: {} },
    { op: "Conv", inputs: [input, own("linear")], output: own("line"), attributes },
    { op: "Conv", inputs: [own("positive"), own("rest")], output: own("bend"), attributes },
    { op: "Add", inputs: [own("line"), own("bend")], output: node.output, attributes: {} },
  ];
}
