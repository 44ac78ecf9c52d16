import { describe, expect, it } from "vitest";
import { fold } from "../../../../src/models/onnx/fold.ts";
import { GraphBuilder, type OnnxGraph } from "../../../../src/models/onnx/graph.ts";

/** A graph that ends in `out`. */
function graphOf(build: (builder: GraphBuilder) => string): OnnxGraph {
  const builder = new GraphBuilder();
  builder.emitAs("out", "Identity", [build(builder)], {});
  const shape = [1, 2, 1, 1];
  return {
    name: "toy",
    inputs: [{ name: "input", shape }],
    outputs: [{ name: "out", shape }],
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

const convolution = (builder: GraphBuilder) =>
  builder.emit("Conv", ["input", builder.floats([2, 2, 1, 1], Float32Array.of(1, 2, 3, 4))]);
const perChannel = (builder: GraphBuilder, a: number, b: number) => builder.floats([2, 1, 1], Float32Array.of(a, b));
const operations = (graph: OnnxGraph) => graph.nodes.map((node) => node.op);

describe("fold", () => {
  it("puts a batch normalisation into the weights and the bias of the convolution before it", () => {
    const folded = fold(
      graphOf((builder) => {
        const scaled = builder.emit("Mul", [convolution(builder), perChannel(builder, 10, 100)]);
        return builder.emit("Add", [perChannel(builder, 5, 6), scaled]);
      }),
    );
    expect(operations(folded)).toEqual(["Conv", "Identity"]);
    const [, kernel = "", bias = ""] = folded.nodes[0]?.inputs ?? [];
    expect(folded.constants.get(kernel)?.data).toEqual(Float32Array.of(10, 20, 300, 400));
    expect(folded.constants.get(bias)?.data).toEqual(Float32Array.of(5, 6));
    expect(folded.constants.size).toBe(2);
  });

  it("scales a bias that is already there", () => {
    const folded = fold(
      graphOf((builder) => {
        const shifted = builder.emit("Add", [convolution(builder), perChannel(builder, 1, 2)]);
        return builder.emit("Mul", [shifted, builder.scalar(3)]);
      }),
    );
    const [, kernel = "", bias = ""] = folded.nodes[0]?.inputs ?? [];
    expect(folded.constants.get(kernel)?.data).toEqual(Float32Array.of(3, 6, 9, 12));
    expect(folded.constants.get(bias)?.data).toEqual(Float32Array.of(3, 6));
  });

  it("leaves a convolution alone that somebody else uses unscaled", () => {
    const graph = graphOf((builder) => {
      const conv = convolution(builder);
      return builder.emit("Add", [conv, builder.emit("Mul", [conv, perChannel(builder, 2, 2)])]);
    });
    expect(operations(fold(graph))).toEqual(["Conv", "Mul", "Add", "Identity"]);
  });

  it("leaves the sum of two convolutions alone", () => {
    const graph = graphOf((builder) => builder.emit("Add", [convolution(builder), convolution(builder)]));
    expect(operations(fold(graph))).toEqual(["Conv", "Conv", "Add", "Identity"]);
  });

  const clip = (low: number, high: number) =>
    graphOf((builder) => {
      const relu = builder.emit("Relu", ["input"]);
      return builder.emit("Max", [builder.emit("Min", [relu, builder.scalar(high)]), builder.scalar(low)]);
    });

  it("makes one Clip of Relu, minimum and maximum", () => {
    const folded = fold(clip(0, 6));
    expect(operations(folded)).toEqual(["Clip", "Identity"]);
    const [input, low = "", high = ""] = folded.nodes[0]?.inputs ?? [];
    expect(input).toBe("input");
    expect([folded.constants.get(low)?.data[0], folded.constants.get(high)?.data[0]]).toEqual([0, 6]);
  });

  it.each([
    ["a lower bound above zero", 1, 6],
    ["an upper bound below zero", 0, -1],
  ])("makes no Clip with %s, for it would mean something else", (_, low, high) => {
    expect(operations(fold(clip(low, high)))).toEqual(["Relu", "Min", "Max", "Identity"]);
  });

  it("does not change the graph it was given", () => {
    const graph = clip(0, 6);
    fold(graph);
    expect(operations(graph)).toEqual(["Relu", "Min", "Max", "Identity"]);
  });
});
