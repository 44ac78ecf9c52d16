import type { Constant, OnnxGraph, OnnxNode } from "./graph.ts";

/** What the numbers of each value lie between, by its name. */
export type Ranges = Readonly<Record<string, readonly [low: number, high: number]>>;

/**
 * The graph in eight bits, as pairs of quantise and dequantise around every operation (QDQ), from which ONNX Runtime makes kernels of whole
 * numbers: values without a sign with one scale each, weights with one scale a channel (Jacob et al. 2018, arXiv:1712.05877), the bias in
 * thirty-two bits. Means over the picture and matrix products stay as they are. `graph` is folded; `ranges` were observed on it (bench/compression/ranges.mjs) and
 * name all of its values that `valuesInEightBits` names; throws an `Error` where one is missing.
 */
export function quantise(graph: OnnxGraph, ranges: Ranges): OnnxGraph {
  const work: Work = { graph, ranges, constants: new Map(graph.constants), nodes: [], renamed: new Map() };
  const seen = new Set(valuesInEightBits(graph));
  for (const node of graph.nodes) {
    work.nodes.push({ ...node, inputs: inputsOf(work, node, seen) });
    if (seen.has(node.output)) inEightBits(work, node.output);
  }
  const used = new Set(work.nodes.flatMap(({ inputs }) => inputs));
  const constants = new Map([...work.constants].filter(([name]) => used.has(name)));
  return { ...graph, nodes: work.nodes, constants };
}

/**
 * The values that are said in eight bits. Between a convolution or a sum and its activation nothing is rounded: the runtime makes one
 * kernel of them.
 */
export function valuesInEightBits(graph: OnnxGraph): string[] {
  const names = graph.inputs.map(({ name }) => name);
  for (const { op, output } of graph.nodes) {
    const takers = graph.nodes.filter(({ inputs }) => inputs.includes(output));
    const isInner = takers.length === 1 && activations.has(takers[0]?.op ?? "");
    if (givesEightBits.has(op) && takers.length > 0 && !isInner) names.push(output);
  }
  return names;
}

// --- internal ---

const activations = new Set(["Relu", "Clip"]);
/** Not the mean over the picture, from which vectors are made: its numbers are too unlike for one scale. */
const givesEightBits = new Set([...activations, "Conv", "Add", "MaxPool", "AveragePool", "Pad"]);

interface Work {
  readonly graph: OnnxGraph;
  readonly ranges: Ranges;
  readonly constants: Map<string, Constant>;
  readonly nodes: OnnxNode[];
  /** Values by what they are called after they were said in eight bits. */
  readonly renamed: Map<string, string>;
}

function inputsOf(work: Work, node: OnnxNode, seen: ReadonlySet<string>): readonly string[] {
  const inputs = node.inputs.map((name) => (seen.has(name) ? inEightBits(work, name) : name));
  if (node.op !== "Conv") return inputs;
  const [input = "", kernel = "", bias] = node.inputs;
  return [inputs[0] ?? input, ...weightsInEightBits(work, { kernel, bias, inputScale: scaleOf(work, input).scale })];
}

/** One step, and the step that zero is. */
function scaleOf({ ranges }: Work, name: string): { scale: number; zero: number } {
  const range = ranges[name];
  if (!range) throw new Error(`nobody has seen what ${name} lies between`);
  const scale = Math.max(range[1] - range[0], 1e-6) / 255;
  return { scale: Math.fround(scale), zero: Math.max(0, Math.min(255, Math.round(-range[0] / scale))) };
}

function inEightBits(work: Work, name: string): string {
  const known = work.renamed.get(name);
  if (known !== undefined) return known;
  const { scale, zero } = scaleOf(work, name);
  work.constants.set(`${name}_scale`, { shape: [], data: Float32Array.of(scale) });
  work.constants.set(`${name}_zero`, { shape: [], data: Uint8Array.of(zero) });
  const parts = [`${name}_scale`, `${name}_zero`];
  const output = `${name}_dq`;
  work.nodes.push({ op: "QuantizeLinear", inputs: [name, ...parts], output: `${name}_q`, attributes: {} });
  work.nodes.push({ op: "DequantizeLinear", inputs: [`${name}_q`, ...parts], output, attributes: {} });
  work.renamed.set(name, output);
  return output;
}

function weightsInEightBits(
  work: Work,
  { kernel, bias, inputScale }: { kernel: string; bias: string | undefined; inputScale: number },
): string[] {
  const { shape, data } = floats(work.graph, kernel);
  const [channels = 0] = shape;
  const each = data.length / channels;
  const scales = new Float32Array(channels);
  const eight = new Int8Array(data.length);
  for (let c = 0; c < channels; c++) {
    let most = 1e-9 * 127;
    for (let i = c * each; i < (c + 1) * each; i++) most = Math.max(most, Math.abs(data[i]!));
    scales[c] = most / 127;
    for (let i = c * each; i < (c + 1) * each; i++) eight[i] = Math.round(data[i]! / scales[c]!);
  }
  const names = [dequantised(work, kernel, { shape, data: eight, scales, zeros: new Int8Array(channels) })];
  if (bias === undefined) return names;
  const biasScales = scales.map((scale) => scale * inputScale);
  const whole = Int32Array.from(floats(work.graph, bias).data, (value, c) => Math.round(value / biasScales[c]!));
  const zeros = new Int32Array(channels);
  return [...names, dequantised(work, bias, { shape: [channels], data: whole, scales: biasScales, zeros })];
}

/** Constants with one scale for each of their first dimension. */
function dequantised(
  work: Work,
  name: string,
  parts: { shape: readonly number[]; data: Constant["data"]; scales: Float32Array; zeros: Constant["data"] },
): string {
  const { shape, data, scales, zeros } = parts;
  const inputs = [`${name}_whole`, `${name}_scale`, `${name}_zero`] as const;
  work.constants.set(inputs[0], { shape, data });
  work.constants.set(inputs[1], { shape: [scales.length], data: scales });
  work.constants.set(inputs[2], { shape: [scales.length], data: zeros });
  const output = `${name}_dq`;
  work.nodes.push({ op: "DequantizeLinear", inputs, output, attributes: { axis: 0 } });
  return output;
}

function floats(graph: OnnxGraph, name: string): { shape: readonly number[]; data: Float32Array } {
  const constant = graph.constants.get(name);
  if (!(constant?.data instanceof Float32Array)) throw new Error(`${name} is not a constant of floats`);
  return { shape: constant.shape, data: constant.data };
}
