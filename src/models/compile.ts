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
 * The network as a graph, exactly as its source describes it (`plain`) or with everything folded that can be (`folded`).
 * Throws `LINTEL_E_MODEL` or `LINTEL_E_MODEL_UNSUPPORTED`.
 */
export function buildNetwork(contract: NetworkContract, files: SourceFiles, form: "plain" | "folded"): OnnxGraph {
  const graph = sourceGraph(contract, files);
  return form === "plain" ? graph : keepBlocked(fold(graph));
}

/** Compiles the source files of a network to an ONNX model. */
export function compileNetwork(contract: NetworkContract, files: SourceFiles): Uint8Array {
  return encodeOnnx(buildNetwork(contract, files, "folded"));
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
