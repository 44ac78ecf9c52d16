import { posix } from "node:path";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { SourceFiles } from "../source.ts";
import { decodeWeights, type Tensor, weightsManifestSchema } from "./weights.ts";

const dimensions = z.object({ dim: z.array(z.object({ size: z.coerce.number().int() })).default([]) });

/** The kinds of attribute values in a TensorFlow graph; strings are base64, whole numbers may come as strings. */
const attributeSchema = z.object({
  s: z.string().optional(),
  i: z.coerce.number().optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  list: z.object({ i: z.array(z.coerce.number()).optional(), s: z.array(z.string()).optional() }).optional(),
  shape: dimensions.optional(),
});

const nodeSchema = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeSchema).default({}),
});

const modelSchema = z.object({
  modelTopology: z.object({ node: z.array(nodeSchema) }),
  weightsManifest: weightsManifestSchema,
});

export type GraphNode = z.infer<typeof nodeSchema>;

/** A TensorFlow.js graph model: nodes in topological order and the constants they name. */
export interface TfjsGraph {
  readonly nodes: readonly GraphNode[];
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** Reads a graph model from its JSON file and the weight files beside it. Throws `LINTEL_E_MODEL` when it is not one. */
export function readGraph(files: SourceFiles, path: string): TfjsGraph {
  const model = parseJson(modelSchema, files, path);
  const nodes = model.modelTopology.node.map((node) => ({ ...node, input: node.input.map(nodeName) }));
  const weights = new Map<string, Tensor>();
  for (const group of model.weightsManifest) {
    const parts = group.paths.map((part) => fileAt(files, posix.join(posix.dirname(path), part)));
    for (const [name, tensor] of decodeWeights(group.weights, Buffer.concat(parts))) weights.set(name, tensor);
  }
  return { nodes, weights };
}

/** Parses a JSON file among the sources and checks its form. */
export function parseJson<T>(schema: z.ZodType<T>, files: SourceFiles, path: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(fileAt(files, path)).toString("utf8")));
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw new LintelError("LINTEL_E_MODEL", `${path} is not a model file of the expected form`, { cause });
  }
}

export function fileAt(files: SourceFiles, path: string): Uint8Array {
  const bytes = files.get(path);
  if (bytes === undefined) throw new LintelError("LINTEL_E_MODEL", `${path} is not among the files of the model`);
  return bytes;
}

/** Inputs may carry `^` (control only) and an output number. */
function nodeName(input: string): string {
  return input.replace(/^\^/, "").replace(/:\d+$/, "");
}

/** Leaves only the nodes that lead to the wanted ones, in their old order. */
export function prune(graph: TfjsGraph, wanted: readonly string[]): TfjsGraph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const needed = new Set<string>();
  const open = [...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    const node = byName.get(name);
    if (node === undefined) throw new LintelError("LINTEL_E_MODEL", `the graph has no node ${name}`);
    needed.add(name);
    open.push(...node.input);
  }
  return { nodes: graph.nodes.filter((node) => needed.has(node.name)), weights: graph.weights };
}
