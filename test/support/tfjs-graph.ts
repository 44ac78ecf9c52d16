import type { SourceFiles } from "../../src/models/source.ts";

/** A node of a graph file that a test writes by hand. */
export interface HandMadeNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

export interface HandMadeConstant {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: "float32" | "int32";
}

const base64 = (value: string) => Buffer.from(value).toString("base64");

/** Attribute values in the form that graph files have. */
export const text = (value: string) => ({ s: base64(value) });
export const texts = (...values: string[]) => ({ list: { s: values.map(base64) } });
export const ints = (...values: number[]) => ({ list: { i: values.map(String) } });

/** The two files of a TensorFlow.js graph model: constants become nodes by themselves. */
export function graphFiles(
  constants: Readonly<Record<string, HandMadeConstant>>,
  nodes: readonly HandMadeNode[],
): SourceFiles {
  const entries = Object.entries(constants);
  const weights = entries.map(([name, { shape, dtype = "float32" }]) => ({ name, shape, dtype }));
  const binary = entries.map(([, { values, dtype }]) =>
    Buffer.from((dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  );
  const node = [...entries.map(([name]) => ({ name, op: "Const" })), ...nodes];
  const json = { modelTopology: { node }, weightsManifest: [{ paths: ["weights.bin"], weights }] };
  return new Map<string, Uint8Array>([
    ["net/model.json", Buffer.from(JSON.stringify(json))],
    ["net/weights.bin", Buffer.concat(binary)],
  ]);
}
