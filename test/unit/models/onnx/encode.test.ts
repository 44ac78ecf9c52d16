import { describe, expect, it } from "vitest";
import { onnxModelType } from "../../../../src/core/onnx-messages.ts";
import { encodeOnnx } from "../../../../src/models/onnx/encode.ts";
import { GraphBuilder, type OnnxGraph } from "../../../../src/models/onnx/graph.ts";

function sample(): OnnxGraph {
  const builder = new GraphBuilder();
  const kernel = builder.floats([1, 3, 1, 1], Float32Array.of(0.5, -1, 2));
  const conv = builder.emit("Conv", ["input", kernel], { group: 1, pads: [0, 1, 0, 1] });
  builder.emitAs("out", "Reshape", [conv, builder.integers([1, -1])], {});
  return {
    name: "toy",
    inputs: [{ name: "input", shape: [1, 3, 2, 2] }],
    outputs: [{ name: "out", shape: [1, 8] }],
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

describe("encodeOnnx", () => {
  const type = onnxModelType();
  const model = type.toObject(type.decode(encodeOnnx(sample())), { longs: Number });

  it("states the versions that the runtime checks", () => {
    expect(model).toMatchObject({ irVersion: 8, opsetImport: [{ version: 17 }], producerName: "lintel" });
  });

  it("keeps nodes, their order, inputs and attributes", () => {
    expect(model.graph.node).toMatchObject([
      {
        opType: "Conv",
        input: ["input", "constant_0"],
        output: ["Conv_0"],
        attribute: [
          { name: "group", type: 2, i: 1 },
          { name: "pads", type: 7, ints: [0, 1, 0, 1] },
        ],
      },
      { opType: "Reshape", input: ["Conv_0", "constant_1"], output: ["out"] },
    ]);
  });

  it("keeps constants bit by bit, negative whole numbers too", () => {
    const [floats, integers] = model.graph.initializer;
    expect(floats).toMatchObject({ name: "constant_0", dims: [1, 3, 1, 1], dataType: 1 });
    expect(new Float32Array(new Uint8Array(floats.rawData).buffer)).toEqual(Float32Array.of(0.5, -1, 2));
    expect(integers).toMatchObject({ name: "constant_1", dims: [2], dataType: 7 });
    expect(new BigInt64Array(new Uint8Array(integers.rawData).buffer)).toEqual(BigInt64Array.of(1n, -1n));
  });

  it("writes the same bytes for the same graph", () => {
    expect(encodeOnnx(sample())).toEqual(encodeOnnx(sample()));
  });
});
