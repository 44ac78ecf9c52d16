/** The part of ONNX that the networks use, as plain data. */

/** Whole numbers, a single one or a list; a number with a fraction; or a word. */
export type Attribute = number | readonly number[] | { readonly float: number } | string;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  /** The one output; it also names the node. */
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Floats, the 64-bit whole numbers that ONNX wants for shapes and axes, or the smaller ones of quantised networks. */
export interface Constant {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;
}

export interface Port {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** In topological order. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, Constant>;
}

/** Collects nodes and constants and gives each a name of its own. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, Constant>();

  /** Adds a node and returns the name of its output. */
  emit(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = `${op}_${this.nodes.length}`;
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  /** Adds a node whose output has a name that is known outside. */
  emitAs(output: string, op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>): void {
    this.nodes.push({ op, inputs, output, attributes });
  }

  floats(shape: readonly number[], data: Float32Array): string {
    return this.#constant({ shape, data });
  }

  scalar(value: number): string {
    return this.#constant({ shape: [], data: Float32Array.of(value) });
  }

  integers(values: readonly number[]): string {
    return this.#constant({ shape: [values.length], data: BigInt64Array.from(values, (value) => BigInt(value)) });
  }

  #constant(constant: Constant): string {
    const name = `constant_${this.constants.size}`;
    this.constants.set(name, constant);
    return name;
  }
}
