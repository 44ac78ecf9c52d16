import { describe, expect, it } from "vitest";
import { GraphBuilder, type OnnxGraph } from "../../../../src/models/onnx/graph.ts";
import { quantise, valuesInEightBits } from "../../../../src/models/onnx/quantise.ts";

/** A convolution of one channel to two with its activation, a sum with what comes in twice, and a mean. */
function toy(): OnnxGraph {
  const builder = new GraphBuilder();
  const kernel = builder.floats([2, 1, 1, 1], Float32Array.of(0.5, -12.7));
  const bias = builder.floats([2], Float32Array.of(0.25, 1));
  const conv = builder.emit("Conv", ["input", kernel, bias], { kernel_shape: [1, 1] });
  const relu = builder.emit("Relu", [conv]);
  const sum = builder.emit("Add", [relu, relu]);
  builder.emitAs("out", "GlobalAveragePool", [sum], {});
  return {
    name: "toy",
    inputs: [{ name: "input", shape: [1, 1, 2, 2] }],
    outputs: [{ name: "out", shape: [1, 2, 1, 1] }],
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

const ranges = { input: [-1, 1.55], Relu_1: [0, 5.1], Add_2: [0, 10.2] } as const;

describe("quantise", () => {
  it("names the values that are rounded: not those between a convolution and its activation, and not a mean", () => {
    expect(valuesInEightBits(toy())).toEqual(["input", "Relu_1", "Add_2"]);
  });

  it("puts a pair around each value, once however often it is used", () => {
    const { nodes } = quantise(toy(), ranges);
    expect(nodes.map(({ op, output }) => `${op} ${output}`)).toEqual([
      "QuantizeLinear input_q",
      "DequantizeLinear input_dq",
      "DequantizeLinear constant_0_dq",
      "DequantizeLinear constant_1_dq",
      "Conv Conv_0",
      "Relu Relu_1",
      "QuantizeLinear Relu_1_q",
      "DequantizeLinear Relu_1_dq",
      "Add Add_2",
      "QuantizeLinear Add_2_q",
      "DequantizeLinear Add_2_dq",
      "GlobalAveragePool out",
    ]);
    expect(nodes.find(({ op }) => op === "Conv")?.inputs).toEqual(["input_dq", "constant_0_dq", "constant_1_dq"]);
    expect(nodes.find(({ op }) => op === "Add")?.inputs).toEqual(["Relu_1_dq", "Relu_1_dq"]);
  });

  it("spreads 255 steps over a range and keeps zero on one of them", () => {
    const { constants } = quantise(toy(), ranges);
    expect(constants.get("input_scale")?.data[0]).toBeCloseTo(0.01, 8);
    expect(constants.get("input_zero")?.data).toEqual(Uint8Array.of(100));
    expect(constants.get("Relu_1_zero")?.data).toEqual(Uint8Array.of(0));
  });

  it("gives every channel of the weights its own steps, and the bias those of input and weights together", () => {
    const { constants } = quantise(toy(), ranges);
    expect(constants.get("constant_0_whole")).toEqual({ shape: [2, 1, 1, 1], data: Int8Array.of(127, -127) });
    const scales = constants.get("constant_0_scale")?.data ?? [];
    expect(scales[0]).toBeCloseTo(0.5 / 127, 8);
    expect(scales[1]).toBeCloseTo(0.1, 6);
    expect(constants.get("constant_1_whole")?.data).toEqual(
      Int32Array.of(Math.round(0.25 / (0.01 * (0.5 / 127))), Math.round(1 / (0.01 * 0.1))),
    );
  });

  it("leaves nothing of the floats that it has replaced", () => {
    expect([...quantise(toy(), ranges).constants.keys()].filter((name) => /^constant_\d+$/.test(name))).toEqual([]);
  });

  it("says which value nobody has seen: ranges of another folding are never used by half", () => {
    const { Relu_1: _, ...others } = ranges;
    expect(() => quantise(toy(), others)).toThrow("nobody has seen what Relu_1 lies between");
  });
});
