import type { LintelError } from "../../core/errors.ts";
import type { GraphBuilder } from "../onnx/graph.ts";
import type { GraphNode } from "./graph.ts";
import type { Tensor } from "./weights.ts";

/**
 * A value on its way through the graph. `shape` is TensorFlow's (batch, height, width, channels); what lies in memory is
 * `spatial`: batch, channels, height, width, or `flat`: as the shape says.
 */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layout: "spatial" | "flat";
}

/** What the translation of one node may ask for. */
export interface NodeContext {
  readonly node: GraphNode;
  readonly builder: GraphBuilder;
  /** The value of an input by its position. */
  value(position: number): Value;
  /** The constant of an input by its position; undefined when it is computed. */
  constant(position: number): Tensor | undefined;
  /** Refuses the node: names model, node and operation. */
  unsupported(why: string): LintelError;
}

/** Interleaves the channels of a spatial value, which costs a copy only where there is more than one place and channel. */
export function flatten(builder: GraphBuilder, value: Value, shape: readonly number[]): string {
  const [, height = 1, width = 1, channels = 1] = value.shape;
  const interleave = value.layout === "spatial" && height * width > 1 && channels > 1;
  const source = interleave ? builder.emit("Transpose", [value.name], { perm: [0, 2, 3, 1] }) : value.name;
  return builder.emit("Reshape", [source, builder.integers(shape)]);
}
