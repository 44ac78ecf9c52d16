import { LintelError } from "../../core/errors.ts";
import type { GraphNode } from "./graph.ts";
import type { NodeContext, Value } from "./value.ts";

/** A list of whole numbers among the attributes of a node. */
export function attributeInts(node: GraphNode, name: string, otherwise: readonly number[] = []): readonly number[] {
  return node.attr[name]?.list?.i ?? otherwise;
}

/** A text among the attributes of a node. */
export function attributeText(node: GraphNode, name: string): string {
  return decodeText(node.attr[name]?.s ?? "");
}

/** A list of texts among the attributes of a node. */
export function attributeTexts(node: GraphNode, name: string): readonly string[] {
  return (node.attr[name]?.list?.s ?? []).map(decodeText);
}

/** TensorFlow keeps texts as base64. */
function decodeText(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

/** One number of a list that must have it. */
export function size(list: ArrayLike<number>, position: number): number {
  const found = list[position];
  if (found === undefined) throw new LintelError("LINTEL_E_MODEL", `a shape of the graph lacks number ${position}`);
  return found;
}

/** Channels are the last of TensorFlow's axes. */
export function channelCount(value: Value): number {
  return size(value.shape, value.shape.length - 1);
}

/** The constant at an input as one float for each channel; refused when it has another length. */
export function perChannel(context: NodeContext, position: number, channels: number): Float32Array {
  const data = context.constant(position)?.data;
  if (!(data instanceof Float32Array) || data.length !== channels) {
    throw context.unsupported(`wants ${channels} constants at input ${position}`);
  }
  return data;
}
