import type { OnnxGraph, OnnxNode } from "./graph.ts";

/** Feature planes of each value, where they are known: the nearest convolution before it says. */
export function channelsIn(graph: OnnxGraph): (name: string) => number | undefined {
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const known = new Map<string, number | undefined>();
  const channels = (name: string): number | undefined => {
    if (!known.has(name)) known.set(name, find(name, producers.get(name)));
    return known.get(name);
  };
  const find = (name: string, node: OnnxNode | undefined): number | undefined => {
    if (node === undefined) return graph.inputs.find((input) => input.name === name)?.shape[1];
    if (node.op === "Conv") return graph.constants.get(node.inputs[1] ?? "")?.shape[0];
    const before = channels(node.inputs[0] ?? "");
    if (node.op !== "Pad" || before === undefined) return before;
    const pads = padsOf(node, graph);
    return pads && before + pads.first + pads.last;
  };
  return channels;
}

/** What a `Pad` of pictures adds, in planes and in pixels. */
export interface Pads {
  readonly first: number;
  readonly last: number;
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Undefined where it pads no picture. */
export function padsOf(node: OnnxNode, { constants }: Pick<OnnxGraph, "constants">): Pads | undefined {
  const data = constants.get(node.inputs[1] ?? "")?.data;
  if (data?.length !== 8) return undefined;
  const [before = 0, first = 0, top = 0, left = 0, after = 0, last = 0, bottom = 0, right = 0] = [...data].map(Number);
  return before === 0 && after === 0 ? { first, last, top, left, bottom, right } : undefined;
}
