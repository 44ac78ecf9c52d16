import { LintelError } from "../../core/errors.ts";
import { catalogue, sourceSha256 } from "../../models/catalogue.ts";
import { buildNetwork } from "../../models/compile.ts";
import type { OnnxGraph, OnnxNode } from "../../models/onnx/graph.ts";
import { readSource } from "../../models/source.ts";
import { pixelsAtOnceOf } from "../settings.ts";
import type { ConvolutionLayer, FeatureNetwork } from "./feature-network.ts";

/**
 * MobileNet v1 (Howard et al. 2017, arXiv:1704.04861) from the packaged descriptor `faceres`: `conv1`, then thirteen pairs of a
 * depthwise `dwN` and a pointwise `pwN`, each with relu6. Its convolutions fit pictures of any size.
 */
export async function loadMobilenet(): Promise<FeatureNetwork> {
  const contract = catalogue.faceres;
  const graph = buildNetwork(contract, await readSource(contract), "folded");
  return {
    name: "mobilenet",
    sha256: sourceSha256(contract),
    licence: contract.licence,
    mean: [131.0912, 103.8827, 91.4953],
    pixelsAtOnce: pixelsAtOnceOf.mobilenet,
    layers: graph.nodes.filter((node) => node.op === "Conv").map((node, index) => layerOf(graph, node, index)),
    defaults: {
      contentLayers: [{ layer: "pw4", weight: 1 }],
      styleLayers: ["conv1", "pw1", "pw2", "pw3", "pw4", "pw5", "pw7"].map((layer) => ({ layer, weight: 1 })),
      dreamLayers: [{ layer: "pw11", weight: 1 }],
      contentWeight: 0.05,
    },
  };
}

// --- internal ---

function layerOf(graph: OnnxGraph, node: OnnxNode, index: number): ConvolutionLayer {
  const [kernel, bias] = [1, 2].map((position) => graph.constants.get(node.inputs[position] ?? ""));
  const { group, strides } = node.attributes;
  const [outputs = 0, each = 0, kernelSize = 0] = kernel?.shape ?? [];
  if (!(kernel?.data instanceof Float32Array && bias?.data instanceof Float32Array)) {
    throw new LintelError("LINTEL_E_MODEL", `faceres: ${node.output} has no weights`);
  }
  const isDepthwise = group !== 1 && group === outputs;
  return {
    kind: "convolution",
    name: nameOf(index),
    inputs: isDepthwise ? outputs : each,
    outputs,
    kernelSize,
    stride: Array.isArray(strides) && strides[0] === 2 ? 2 : 1,
    isDepthwise,
    kernel: kernel.data,
    bias: bias.data,
    activation: "relu6",
  };
}

/** The first layer stands alone, then depthwise and pointwise ones alternate. */
function nameOf(index: number): string {
  if (index === 0) return "conv1";
  return `${index % 2 === 1 ? "dw" : "pw"}${Math.ceil(index / 2)}`;
}
