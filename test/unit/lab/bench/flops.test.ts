import { describe, expect, it } from "vitest";
import { countFlops } from "../../../../src/lab/bench/flops.ts";
import { type Attribute, GraphBuilder, type OnnxGraph } from "../../../../src/models/onnx/graph.ts";

/** A graph that `build` makes of the value `input`. */
function graph(shape: readonly number[], build: (builder: GraphBuilder) => string): OnnxGraph {
  const builder = new GraphBuilder();
  const output = build(builder);
  return {
    name: "test",
    inputs: [{ name: "input", shape }],
    outputs: [{ name: output, shape: [] }],
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

/** A convolution of `kernel` from the first to the last number of channels. */
function conv(
  builder: GraphBuilder,
  input: string,
  { weight, attributes = {} }: { weight: number[]; attributes?: Record<string, Attribute> },
): string {
  const kernel = builder.floats(weight, new Float32Array(weight.reduce((total, size) => total * size, 1)));
  return builder.emit("Conv", [input, kernel], { kernel_shape: weight.slice(2), ...attributes });
}

describe("the arithmetic of a network", () => {
  it.each([
    { name: "3x3 without padding loses its border", weight: [8, 3, 3, 3], attributes: {}, flops: 2 * 8 * 8 * 8 * 27 },
    {
      name: "3x3 with padding keeps the size",
      weight: [8, 3, 3, 3],
      attributes: { pads: [1, 1, 1, 1] },
      flops: 2 * 10 * 10 * 8 * 27,
    },
    {
      name: "a stride halves both sides",
      weight: [8, 3, 2, 2],
      attributes: { strides: [2, 2] },
      flops: 2 * 5 * 5 * 8 * 12,
    },
    {
      name: "padding on one side counts once",
      weight: [4, 3, 3, 3],
      attributes: { strides: [2, 2], pads: [0, 0, 1, 1] },
      flops: 2 * 5 * 5 * 4 * 27,
    },
    {
      name: "a dilated kernel reaches further",
      weight: [4, 3, 3, 3],
      attributes: { dilations: [2, 2] },
      flops: 2 * 6 * 6 * 4 * 27,
    },
    {
      name: "depthwise reads one channel each",
      weight: [3, 1, 3, 3],
      attributes: { group: 3 },
      flops: 2 * 8 * 8 * 3 * 9,
    },
  ])("convolution: $name", ({ weight, attributes, flops }) => {
    expect(countFlops(graph([1, 3, 10, 10], (builder) => conv(builder, "input", { weight, attributes })))).toBe(flops);
  });

  it("follows shapes through pooling, padding, sums and reshaping to the product at the end", () => {
    const counted = graph([1, 4, 9, 9], (builder) => {
      const pooled = builder.emit("MaxPool", ["input"], { kernel_shape: [3, 3], strides: [2, 2] });
      const padded = builder.emit("Pad", [pooled, builder.integers([0, 0, 0, 0, 0, 4, 0, 0])]);
      const summed = builder.emit("Add", [padded, builder.floats([8, 1, 1], new Float32Array(8))]);
      const active = builder.emit("Relu", [summed]);
      const flat = builder.emit("Reshape", [active, builder.integers([1, -1])]);
      return builder.emit("MatMul", [flat, builder.floats([128, 5], new Float32Array(640))]);
    });
    // 8 channels of 4 x 4 make 128 numbers, into 5.
    expect(countFlops(counted)).toBe(2 * 128 * 5);
  });

  it("counts a convolution behind a concatenation with all channels that come in", () => {
    const counted = graph([1, 2, 4, 4], (builder) => {
      const both = builder.emit("Concat", ["input", "input"], { axis: 1 });
      const turned = builder.emit("Transpose", [both], { perm: [0, 1, 3, 2] });
      return conv(builder, turned, { weight: [1, 4, 1, 1] });
    });
    expect(countFlops(counted)).toBe(2 * 4 * 4 * 4);
  });

  it("gives no figure for an operation whose shape it does not know", () => {
    expect(() => countFlops(graph([1, 3, 4, 4], (builder) => builder.emit("Einsum", ["input"])))).toThrow("Einsum");
  });

  it("gives no figure for a graph with a value that nobody makes", () => {
    expect(() => countFlops(graph([1, 3, 4, 4], (builder) => builder.emit("Relu", ["absent"])))).toThrow("absent");
  });
});
