import type { NetworkContract } from "./contract.ts";
import { buildDlib } from "./dlib-network.ts";
import { keepBlocked } from "./onnx/blocked.ts";
import { encodeOnnx } from "./onnx/encode.ts";
import { fold } from "./onnx/fold.ts";
import type { OnnxGraph } from "./onnx/graph.ts";
import type { SourceFiles } from "./source.ts";
import { readGraph } from "./tfjs/graph.ts";
import { translate } from "./tfjs/translate.ts";

/** Raised whenever the compiled bytes change, so that older compilations are not used any more. */
export const compilerVersion = 1;

/**
 * How far a graph is worked over. `plain`: exactly as its source describes it. `folded`: with fewer nodes. `blocked`: folded,
 * and said so that the runtime's kernels for x64 fit. All compute the same.
 */
export type Form = "plain" | "folded" | "blocked";

/** The form that is fastest on a processor (`process.arch`). */
export function formFor(arch: string): Form {
  return arch === "x64" ? "blocked" : "folded";
}

/** The network as a graph. Throws `LINTEL_E_MODEL` or `LINTEL_E_MODEL_UNSUPPORTED`. */
export function buildNetwork(contract: NetworkContract, files: SourceFiles, form: Form): OnnxGraph {
  const graph = sourceGraph(contract, files);
  if (form === "plain") return graph;
  return form === "folded" ? fold(graph) : keepBlocked(fold(graph));
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
