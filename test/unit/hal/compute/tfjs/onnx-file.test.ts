import { describe, expect, it } from "vitest";
import { onnxModelType } from "../../../../../src/core/onnx-messages.ts";
import { fuseActivations } from "../../../../../src/hal/compute/tfjs/fuse.ts";
import { readOnnx } from "../../../../../src/hal/compute/tfjs/onnx-file.ts";
import { encodeOnnx } from "../../../../../src/models/onnx/encode.ts";
import { GraphBuilder } from "../../../../../src/models/onnx/graph.ts";

function encode(build: (builder: GraphBuilder) => string): Uint8Array {
  const builder = new GraphBuilder();
  const output = build(builder);
  return encodeOnnx({
    name: "toy",
    inputs: [{ name: "input", shape: [1, 3, 8, 8] }],
    outputs: [{ name: output, shape: [1, 3, 8, 8] }],
    nodes: builder.nodes,
    constants: builder.constants,
  });
}
const kernel = (builder: GraphBuilder) => builder.floats([3, 3, 1, 1], new Float32Array(9).fill(0.5));
const conv = (builder: GraphBuilder) => builder.emit("Conv", ["input", kernel(builder)], { strides: [2, 1], group: 1 });

describe("readOnnx", () => {
  it("reads what the compiler writes: nodes in order, floats, whole numbers, attributes", () => {
    const model = readOnnx(
      "toy",
      encode((b) => b.emit("Reshape", [conv(b), b.integers([1, -1])])),
    );
    expect(model.input).toBe("input");
    expect(model.outputs).toEqual(["Reshape_1"]);
    expect(model.nodes.map(({ op, inputs, output }) => [op, inputs[0], output])).toEqual([
      ["Conv", "input", "Conv_0"],
      ["Reshape", "Conv_0", "Reshape_1"],
    ]);
    expect(Object.fromEntries(model.nodes[0]?.attributes ?? [])).toEqual({ strides: [2, 1], group: 1 });
    expect(model.constants.get("constant_0")).toEqual({ shape: [3, 3, 1, 1], data: new Float32Array(9).fill(0.5) });
    expect(model.constants.get("constant_1")).toEqual({ shape: [2], data: [1, -1] });
  });

  it.each([
    ["no bytes", new Uint8Array()],
    ["a text", Buffer.from("this is not a model")],
    ["a file cut short", encode(conv).subarray(0, 100)],
  ])("%s is no model", (_, bytes) => {
    expect(() => readOnnx("toy", bytes)).toThrow(expect.objectContaining({ code: "LINTEL_E_MODEL" }));
  });

  it("a constant with fewer numbers than its shape says is refused", () => {
    const bytes = encode((b) => b.emit("Conv", ["input", b.floats([3, 3, 3, 3], new Float32Array(9))]));
    expect(() => readOnnx("toy", bytes)).toThrow("model toy: constant_0 has 9 numbers of 81");
  });

  it.each([
    ["bytes for weights", { dataType: 3 }],
    ["half floats", { dataType: 10 }],
  ])("%s are refused, not misread", (_, { dataType }) => {
    const type = onnxModelType();
    const message = type.toObject(type.decode(encode(conv)));
    message.graph.initializer[0].dataType = dataType;
    const bytes = type.encode(type.fromObject(message)).finish();
    expect(() => readOnnx("toy", bytes)).toThrow(
      expect.objectContaining({
        code: "LINTEL_E_MODEL_UNSUPPORTED",
        message: `model toy: the numbers of constant_0 (type ${dataType}) cannot be read`,
      }),
    );
  });
});

describe("fuseActivations", () => {
  const operations = (build: (builder: GraphBuilder) => string) =>
    fuseActivations(readOnnx("toy", encode(build))).nodes.map(({ op, attributes }) =>
      [op, attributes.get("activation")].filter((part) => part !== undefined).join("+"),
    );

  it.each<[string, (builder: GraphBuilder) => string, string[]]>([
    ["a Relu after a convolution", (b) => b.emit("Relu", [conv(b)]), ["Conv+relu"]],
    ["a Clip from 0 to 6", (b) => b.emit("Clip", [conv(b), b.scalar(0), b.scalar(6)]), ["Conv+relu6"]],
    ["a Clip to another bound", (b) => b.emit("Clip", [conv(b), b.scalar(0), b.scalar(1)]), ["Conv", "Clip"]],
    ["a Relu of the input", (b) => b.emit("Relu", ["input"]), ["Relu"]],
    ["a second Relu", (b) => b.emit("Relu", [b.emit("Relu", [conv(b)])]), ["Conv+relu", "Relu"]],
  ])("%s", (_, build, expected) => {
    expect(operations(build)).toEqual(expected);
  });

  it("leaves a convolution alone that somebody else needs without its Relu", () => {
    const build = (b: GraphBuilder) => {
      const before = conv(b);
      return b.emit("Add", [before, b.emit("Relu", [before])]);
    };
    expect(operations(build)).toEqual(["Conv", "Relu", "Add"]);
  });

  it("leaves a convolution alone that leaves the graph", () => {
    const builder = new GraphBuilder();
    const before = conv(builder);
    const after = builder.emit("Relu", [before]);
    const bytes = encodeOnnx({
      name: "toy",
      inputs: [{ name: "input", shape: [1, 3, 8, 8] }],
      outputs: [before, after].map((name) => ({ name, shape: [] })),
      nodes: builder.nodes,
      constants: builder.constants,
    });
    expect(fuseActivations(readOnnx("toy", bytes)).nodes).toHaveLength(2);
  });
});
