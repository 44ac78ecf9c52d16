import { describe, expect, it } from "vitest";
import { readGraph } from "../../../../src/models/tfjs/graph.ts";
import { translate } from "../../../../src/models/tfjs/translate.ts";
import {
  graphFiles,
  type HandMadeConstant,
  type HandMadeNode,
  ints,
  text,
  texts,
} from "../../../support/tfjs-graph.ts";

const kernel: HandMadeConstant = { shape: [1, 1, 3, 2], values: [1, 2, 3, 4, 5, 6] };
const convAttributes = { strides: ints(1, 1, 1, 1), padding: text("SAME") };
const conv: HandMadeNode = { name: "conv", op: "Conv2D", input: ["input", "kernel"], attr: convAttributes };

function translated(constants: Record<string, HandMadeConstant>, nodes: HandMadeNode[], length = 32) {
  const all = [{ name: "input", op: "Placeholder" }, ...nodes];
  const graph = readGraph(graphFiles({ kernel, ...constants }, all), "net/model.json");
  const from = [all.at(-1)?.name ?? ""];
  return translate(graph, { model: "toy", width: 4, height: 4, outputs: { out: { from, length } } });
}

describe("translate", () => {
  it("takes planes, so that the input needs no transposing", () => {
    const graph = translated({}, [conv]);
    expect(graph.inputs).toEqual([{ name: "input", shape: [1, 3, 4, 4] }]);
    expect(graph.nodes[0]).toMatchObject({ op: "Conv", inputs: ["input", "constant_0"] });
    expect(graph.constants.get("constant_0")).toEqual({
      shape: [2, 3, 1, 1],
      data: Float32Array.of(1, 3, 5, 2, 4, 6),
    });
  });

  it("interleaves the channels again before it flattens a picture", () => {
    expect(translated({}, [conv]).nodes.map((node) => node.op)).toEqual(["Conv", "Transpose", "Reshape", "Identity"]);
  });

  it("does not transpose where there is one channel only", () => {
    const single = { ...kernel, shape: [1, 1, 3, 1], values: [1, 2, 3] };
    const ops = translated({ kernel: single }, [conv], 16).nodes.map((node) => node.op);
    expect(ops).toEqual(["Conv", "Reshape", "Identity"]);
  });

  it.each<[string, HandMadeNode, Record<string, HandMadeConstant>, string]>([
    ["an unknown operation", { name: "odd", op: "Einsum", input: ["conv"] }, {}, "operation Einsum is not known"],
    [
      "an unknown fused activation",
      {
        name: "odd",
        op: "_FusedConv2D",
        input: ["input", "kernel"],
        attr: { ...convAttributes, fused_ops: texts("Elu") },
      },
      {},
      "operation _FusedConv2D with the fused activation Elu is not known",
    ],
    [
      "explicit padding",
      { name: "odd", op: "Conv2D", input: ["input", "kernel"], attr: { ...convAttributes, padding: text("EXPLICIT") } },
      {},
      "operation Conv2D with padding EXPLICIT is not known",
    ],
    [
      "computed weights",
      { name: "odd", op: "Conv2D", input: ["input", "conv"], attr: convAttributes },
      {},
      "operation Conv2D has no constant weights",
    ],
    [
      "a mean over channels",
      { name: "odd", op: "Mean", input: ["conv", "axes"] },
      { axes: { shape: [1], values: [3], dtype: "int32" } },
      "operation Mean over other axes is not known",
    ],
    [
      "constants for another number of channels",
      { name: "odd", op: "Mul", input: ["conv", "five"] },
      { five: { shape: [5], values: [1, 2, 3, 4, 5] } },
      "operation Mul wants 2 constants at input 1",
    ],
    [
      "a sum of different shapes",
      { name: "odd", op: "AddV2", input: ["conv", "input"] },
      {},
      "operation AddV2 of different shapes is not known",
    ],
  ])("refuses %s and names model, node and operation", (_, node, constants, message) => {
    let thrown: unknown;
    try {
      translated(constants, [conv, node]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: "LINTEL_E_MODEL_UNSUPPORTED",
      message: `model toy: node odd: ${message}`,
    });
  });

  it("refuses an output of another length than documented", () => {
    expect(() => translated({}, [conv], 31)).toThrow("output out has 32 numbers, expected 31");
  });
});
