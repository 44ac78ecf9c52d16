import type { OnnxModel, OnnxNode } from "./onnx-file.ts";

/** Name of the attribute that a convolution gets for the activation that came after it: `relu` or `relu6`. */
export const activationAttribute = "activation";

/** A Relu, or a Clip from 0 to 6, that alone follows a convolution becomes part of it: one kernel instead of two. */
export function fuseActivations(model: OnnxModel): OnnxModel {
  const uses = new Map<string, number>();
  for (const name of [...model.nodes.flatMap((node) => node.inputs), ...model.outputs]) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const nodes: OnnxNode[] = [];
  const position = new Map<string, number>();
  for (const node of model.nodes) {
    const activation = activationOf(model, node);
    const before = position.get(node.inputs[0] ?? "");
    const convolution = before === undefined ? undefined : nodes[before];
    if (activation !== undefined && before !== undefined && convolution && uses.get(convolution.output) === 1) {
      const attributes = new Map([...convolution.attributes, [activationAttribute, activation]]);
      nodes[before] = { ...convolution, attributes, output: node.output };
      position.delete(convolution.output);
      continue;
    }
    if (node.op === "Conv") position.set(node.output, nodes.length);
    nodes.push(node);
  }
  return { ...model, nodes };
}

// --- internal ---

function activationOf(model: OnnxModel, node: OnnxNode): "relu" | "relu6" | undefined {
  if (node.op === "Relu") return "relu";
  if (node.op !== "Clip") return undefined;
  const [low, high] = [1, 2].map((place) => model.constants.get(node.inputs[place] ?? "")?.data[0]);
  return low === 0 && high === 6 ? "relu6" : undefined;
}
