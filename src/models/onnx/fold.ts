import type { Constant, OnnxGraph, OnnxNode } from "./graph.ts";

/**
 * Makes a graph smaller without changing what it computes: a multiplication or an addition of constants after a
 * convolution goes into its weights and bias (which is how batch normalisation arrives), and a chain of Relu, minimum and
 * maximum becomes one Clip. Returns a new graph; the old one is left alone.
 */
export function fold(graph: OnnxGraph): OnnxGraph {
  const work: Work = {
    nodes: new Map(graph.nodes.map((node) => [node.output, node])),
    constants: new Map(graph.constants),
    uses: countUses(graph),
  };
  for (const node of graph.nodes) {
    foldScale(work, node) || foldShift(work, node) || foldClip(work, node);
  }
  return withoutUnused({ ...graph, nodes: [...work.nodes.values()], constants: work.constants });
}

interface Work {
  /** By output, in topological order: a folded node takes the place of its successor. */
  readonly nodes: Map<string, OnnxNode>;
  readonly constants: Map<string, Constant>;
  readonly uses: ReadonlyMap<string, number>;
}

function countUses(graph: OnnxGraph): Map<string, number> {
  const uses = new Map<string, number>();
  const names = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.name)];
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

/** The convolution that feeds only this node, and the constant that meets it there. */
function convolutionAndConstant(work: Work, node: OnnxNode): { conv: OnnxNode; data: Float32Array } | undefined {
  if (node.inputs.length !== 2) return undefined;
  for (const [source, other] of [node.inputs, [...node.inputs].reverse()]) {
    const conv = work.nodes.get(source ?? "");
    const data = work.constants.get(other ?? "")?.data;
    if (conv?.op !== "Conv" || !(data instanceof Float32Array) || work.uses.get(conv.output) !== 1) continue;
    const channels = work.constants.get(conv.inputs[1] ?? "")?.shape[0];
    if (data.length === 1 || data.length === channels) return { conv, data };
  }
  return undefined;
}

function foldScale(work: Work, node: OnnxNode): boolean {
  const found = node.op === "Mul" ? convolutionAndConstant(work, node) : undefined;
  if (found === undefined) return false;
  const [input = "", kernelName = "", biasName] = found.conv.inputs;
  const kernel = floats(work, kernelName);
  const channels = kernel.shape[0] ?? 1;
  const each = kernel.data.length / channels;
  const scaled = kernel.data.map((value, i) => value * at(found.data, Math.floor(i / each)));
  const inputs = [input, put(work, `${node.output}_kernel`, { shape: kernel.shape, data: scaled })];
  if (biasName !== undefined) {
    const bias = floats(work, biasName);
    const data = bias.data.map((value, i) => value * at(found.data, i));
    inputs.push(put(work, `${node.output}_bias`, { shape: bias.shape, data }));
  }
  replace(work, found.conv, { ...found.conv, inputs, output: node.output });
  return true;
}

function foldShift(work: Work, node: OnnxNode): boolean {
  const found = node.op === "Add" ? convolutionAndConstant(work, node) : undefined;
  if (found === undefined) return false;
  const [input = "", kernelName = "", biasName] = found.conv.inputs;
  const channels = floats(work, kernelName).shape[0] ?? 1;
  const bias = biasName === undefined ? new Float32Array(channels) : floats(work, biasName).data;
  const data = bias.map((value, i) => value + at(found.data, i));
  const inputs = [input, kernelName, put(work, `${node.output}_bias`, { shape: [channels], data })];
  replace(work, found.conv, { ...found.conv, inputs, output: node.output });
  return true;
}

/** Max(Min(Relu(x), high), low) with low not above zero, as relu6 is often written. */
function foldClip(work: Work, node: OnnxNode): boolean {
  const outer = node.op === "Max" ? boundedBy(work, node) : undefined;
  const inner = outer?.source.op === "Min" ? boundedBy(work, outer.source) : undefined;
  if (outer === undefined || inner === undefined || inner.source.op !== "Relu") return false;
  if (outer.bound > 0 || inner.bound < 0) return false;
  const limits = [0, inner.bound].map((bound, i) =>
    put(work, `${node.output}_limit${i}`, { shape: [], data: Float32Array.of(bound) }),
  );
  const [input = ""] = inner.source.inputs;
  work.nodes.delete(inner.source.output);
  replace(work, outer.source, { op: "Clip", inputs: [input, ...limits], output: node.output, attributes: {} });
  return true;
}

/** A node that takes the minimum or maximum of a scalar and of another node that nobody else uses. */
function boundedBy(work: Work, node: OnnxNode): { source: OnnxNode; bound: number } | undefined {
  for (const [input, other] of [node.inputs, [...node.inputs].reverse()]) {
    const source = work.nodes.get(input ?? "");
    const constant = work.constants.get(other ?? "");
    if (source === undefined || constant?.data.length !== 1 || work.uses.get(source.output) !== 1) continue;
    return { source, bound: Number(constant.data[0]) };
  }
  return undefined;
}

/** Takes the old node away; the new one stands where the successor stood, whose output it has. */
function replace(work: Work, old: OnnxNode, node: OnnxNode): void {
  work.nodes.delete(old.output);
  work.nodes.set(node.output, node);
}

function put(work: Work, name: string, constant: Constant): string {
  work.constants.set(name, constant);
  return name;
}

function floats(work: Work, name: string): { shape: readonly number[]; data: Float32Array } {
  const constant = work.constants.get(name);
  if (!(constant?.data instanceof Float32Array)) throw new Error(`${name} is not a constant of floats`);
  return { shape: constant.shape, data: constant.data };
}

/** One number for all channels or one for each. */
function at(data: Float32Array, channel: number): number {
  return data[data.length === 1 ? 0 : channel]!;
}

function withoutUnused(graph: OnnxGraph): OnnxGraph {
  const uses = countUses(graph);
  return { ...graph, constants: new Map([...graph.constants].filter(([name]) => uses.has(name))) };
}
