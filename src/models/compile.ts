import { createHash } from "node:crypto";
import type { NetworkContract, NetworkName, PackagedNetworkName } from "./contract.ts";
import { buildDlib } from "./dlib-network.ts";
import { eightBitRanges } from "./eight-bit-ranges.ts";
import { keepBlocked } from "./onnx/blocked.ts";
import { encodeOnnx } from "./onnx/encode.ts";
import { fold } from "./onnx/fold.ts";
import type { OnnxGraph } from "./onnx/graph.ts";
import { quantise } from "./onnx/quantise.ts";
import type { SourceFiles } from "./source.ts";
import { readGraph } from "./tfjs/graph.ts";
import { translate } from "./tfjs/translate.ts";

/** Raised whenever the compiled bytes change, so that older compilations are not used any more. */
export const compilerVersion = 2;

/**
 * How far a graph is worked over. `plain`: exactly as its source describes it. `folded`: with fewer nodes. `blocked`: folded,
 * and said so that the runtime's kernels for x64 fit. These compute the same. `eight-bit`: folded, and rounded to eight bits, for the
 * networks of `eightBitRanges`; nearly the same.
 */
export type Form = "plain" | "folded" | "blocked" | "eight-bit";

/** The form that is fastest on a processor (`process.arch`). */
export function formFor(arch: string): Form {
  return arch === "x64" ? "blocked" : "folded";
}

/** The network as a graph. Throws `LINTEL_E_MODEL` or `LINTEL_E_MODEL_UNSUPPORTED`. */
export function buildNetwork(contract: NetworkContract, files: SourceFiles, form: Form): OnnxGraph {
  const graph = sourceGraph(contract, files);
  if (form === "plain") return graph;
  const folded = fold(graph);
  if (form === "eight-bit") return quantise(folded, eightBitRanges[contract.name] ?? {});
  return form === "folded" ? folded : keepBlocked(folded);
}

/** Changes whenever the compiled bytes do: by the compiler, or by the ranges that eight bits are laid out by. */
export function versionOf(name: PackagedNetworkName, form: Form): string {
  if (form !== "eight-bit") return `${form}-v${compilerVersion}`;
  const ranges = createHash("sha256").update(JSON.stringify(eightBitRanges[name] ?? {}));
  return `${form}-v${compilerVersion}-${ranges.digest("hex").slice(0, 8)}`;
}

export function hasEightBitForm(name: NetworkName): boolean {
  return Object.hasOwn(eightBitRanges, name);
}

/** Compiles the source files of a network to an ONNX model. */
export function compileNetwork(contract: NetworkContract, files: SourceFiles, form: Form): Uint8Array {
  return encodeOnnx(buildNetwork(contract, files, form));
}

function sourceGraph(contract: NetworkContract, files: SourceFiles): OnnxGraph {
  const { recipe, input } = contract;
  if (recipe.kind === "dlib-weights") return buildDlib(files, contract, recipe.manifest);
  const outputs = Object.entries(contract.outputs).map(
    ([name, length]) => [name, { from: recipe.outputs[name] ?? [], length }] as const,
  );
  return translate(readGraph(files, recipe.graph), {
    model: contract.name,
    width: input.width,
    height: input.height,
    outputs: Object.fromEntries(outputs),
  });
}
