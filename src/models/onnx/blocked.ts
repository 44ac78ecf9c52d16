import { channelsIn, padsOf } from "./channels.ts";
import type { Constant, OnnxGraph, OnnxNode } from "./graph.ts";
import { inWholeBlocks } from "./whole-blocks.ts";

/**
 * On x64 ONNX Runtime keeps feature planes in blocks of 8 or 16 channels and fuses convolution, sum and activation there.
 * Padding has no blocked form, and neither has pooling of a channel count that is no multiple of 16: the value leaves the
 * blocks and, because a sum wants both sides alike, so does every residual sum after it. So channels are filled up to whole blocks, and
 * padding becomes a convolution with a unit kernel. Values are unchanged; only the time is.
 */
export function keepBlocked(narrow: OnnxGraph): OnnxGraph {
  const graph = inWholeBlocks(narrow);
  const constants = new Map(graph.constants);
  const channels = channelsIn(graph);
  const nodes = graph.nodes.flatMap((node) => {
    if (node.op === "Pad") return [padByConvolution(node, constants, channels) ?? node];
    return node.op === "PRelu" ? preluByConvolutions(node, constants) : [node];
  });
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, nodes, constants: new Map([...constants].filter(([name]) => used.has(name))) };
}

type ChannelsOf = (name: string) => number | undefined;

/** Zeros around the picture are the convolution's own padding, zeros after the channels are rows of zeros in its kernel. */
function padByConvolution(
  node: OnnxNode,
  constants: Map<string, Constant>,
  channels: ChannelsOf,
): OnnxNode | undefined {
  const [input = ""] = node.inputs;
  const pads = padsOf(node, { constants });
  const inputs = channels(input);
  if (pads?.first !== 0 || inputs === undefined) return undefined;
  const kernel = `${node.output}_unit`;
  const outputs = inputs + pads.last;
  const data = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) data[i * inputs + i] = 1;
  constants.set(kernel, { shape: [outputs, inputs, 1, 1], data });
  const attributes = { kernel_shape: [1, 1], pads: [pads.top, pads.left, pads.bottom, pads.right] };
  return { op: "Conv", inputs: [input, kernel], output: node.output, attributes };
}

/**
 * PRelu(x) = a x + (1 - a) Relu(x), each product a depthwise convolution with a unit kernel. Where no slope is above one, (1 - a) Relu(x) is
 * Relu((1 - a) x), which the runtime fuses with its convolution.
 */
function preluByConvolutions(node: OnnxNode, constants: Map<string, Constant>): OnnxNode[] {
  const [input = "", slopesName = ""] = node.inputs;
  const slopes = constants.get(slopesName)?.data;
  if (!(slopes instanceof Float32Array)) return [node];
  const count = slopes.length;
  const shape = [count, 1, 1, 1];
  const own = (part: string) => `${node.output}_${part}`;
  constants.set(own("linear"), { shape, data: slopes });
  constants.set(own("rest"), { shape, data: slopes.map((slope) => 1 - slope) });
  const product = (from: string, kernel: string, output: string): OnnxNode => ({
    ...{ op: "Conv", inputs: [from, own(kernel)], output, attributes: { kernel_shape: [1, 1], group: count } },
  });
  const relu = (from: string, output: string): OnnxNode => ({ op: "Relu", inputs: [from], output, attributes: {} });
  const bend = slopes.every((slope) => slope <= 1)
    ? [product(input, "rest", own("product")), relu(own("product"), own("bend"))]
    : [relu(input, own("positive")), product(own("positive"), "rest", own("bend"))];
  return [
    ...bend,
    product(input, "linear", own("line")),
    { op: "Add", inputs: [own("line"), own("bend")], output: node.output, attributes: {} },
  ];
}
