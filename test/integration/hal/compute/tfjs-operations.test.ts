import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { gaussian, seededRandom } from "../../../../src/core/random.ts";
import { tfjsDrivers } from "../../../../src/hal/compute/tfjs/devices.ts";
import { GraphRunner } from "../../../../src/hal/compute/tfjs/graph-runner.ts";
import { readOnnx } from "../../../../src/hal/compute/tfjs/onnx-file.ts";
import { encodeOnnx } from "../../../../src/models/onnx/encode.ts";
import { GraphBuilder, type OnnxGraph } from "../../../../src/models/onnx/graph.ts";
import { relativeDifference, runGraph } from "../../../support/run-onnx.ts";

const random = seededRandom(11);
const noise = (...shape: number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => gaussian(random));
const size = { height: 9, width: 12 };

beforeAll(async () => {
  const driver = tfjsDrivers.find(({ device }) => device === "wasm");
  await driver?.open({ source: { load: () => Promise.reject(new Error("none")) }, threads: 1, logger: silentLogger });
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(0);
});

function graphOf(build: (builder: GraphBuilder) => string): OnnxGraph {
  const builder = new GraphBuilder();
  builder.emitAs("out", "Identity", [build(builder)], {});
  return {
    name: "toy",
    inputs: [{ name: "input", shape: [1, 3, size.height, size.width] }],
    outputs: [{ name: "out", shape: [] }],
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

async function byTensorflow(graph: OnnxGraph, planes: Float32Array): Promise<Float32Array> {
  const runner = new GraphRunner(tf, "toy", readOnnx("toy", encodeOnnx(graph)));
  const input = tf.tidy(() => tf.transpose(tf.tensor4d(planes, [1, 3, size.height, size.width]), [0, 2, 3, 1]));
  const output = runner.run(input).get("out");
  if (!output) throw new Error("no output");
  const values = Float32Array.from(await output.data<"float32">());
  output.dispose();
  input.dispose();
  runner.dispose();
  return values;
}

type Build = (b: GraphBuilder) => string;
const conv = (b: GraphBuilder, channels: number, attributes = {}, kernel: [number, number] = [3, 3]) =>
  b.emit(
    "Conv",
    ["input", b.floats([channels, 3, ...kernel], noise(channels, 3, ...kernel)), b.floats([channels], noise(channels))],
    {
      kernel_shape: kernel,
      ...attributes,
    },
  );
/** Numbers in ONNX' order, whatever the layout inside: the flattened planes show a wrong one. */
const flat = (b: GraphBuilder, value: string) => b.emit("Reshape", [value, b.integers([1, -1])]);

const cases: readonly [string, Build][] = [
  ["a convolution without margins", (b) => flat(b, conv(b, 4))],
  ["TensorFlow's own margins", (b) => flat(b, conv(b, 4, { pads: [1, 1, 1, 1] }))],
  [
    "TensorFlow's own margins at stride 2 (odd height, even width)",
    (b) => flat(b, conv(b, 4, { strides: [2, 2], pads: [1, 0, 1, 1] })),
  ],
  [
    "even margins at stride 2, which are not TensorFlow's",
    (b) => flat(b, conv(b, 4, { strides: [2, 2], pads: [1, 1, 1, 1] })),
  ],
  ["uneven margins and a window that is not square", (b) => flat(b, conv(b, 2, { pads: [0, 2, 1, 0] }, [2, 5]))],
  ["a unit kernel with a margin", (b) => flat(b, conv(b, 2, { pads: [0, 0, 1, 1] }, [1, 1]))],
  ["gaps in the window", (b) => flat(b, conv(b, 2, { dilations: [2, 2], pads: [2, 2, 2, 2] }))],
  [
    "a depthwise convolution with two planes of each",
    (b) =>
      flat(
        b,
        b.emit("Conv", ["input", b.floats([6, 1, 3, 3], noise(6, 1, 3, 3))], {
          kernel_shape: [3, 3],
          group: 3,
          pads: [1, 1, 1, 1],
        }),
      ),
  ],
  ["relu after a convolution", (b) => flat(b, b.emit("Relu", [conv(b, 4)]))],
  ["relu6 after a convolution", (b) => flat(b, b.emit("Clip", [conv(b, 4), b.scalar(0), b.scalar(6)]))],
  [
    "relu of something that is needed without it too",
    (b) => {
      const before = conv(b, 4);
      return flat(b, b.emit("Add", [before, b.emit("Relu", [before])]));
    },
  ],
  ["clipping to other bounds, one of them open", (b) => flat(b, b.emit("Clip", [conv(b, 4), b.scalar(-0.5)]))],
  ["slopes of channels", (b) => flat(b, b.emit("PRelu", [conv(b, 4), b.floats([4, 1, 1], noise(4))]))],
  ["one slope", (b) => flat(b, b.emit("PRelu", [conv(b, 4), b.floats([1], Float32Array.of(0.3))]))],
  [
    "sums and products with one number for each channel, on either side",
    (b) =>
      flat(
        b,
        b.emit("Sub", [b.floats([4, 1, 1], noise(4)), b.emit("Mul", [conv(b, 4), b.floats([1, 4, 1, 1], noise(4))])]),
      ),
  ],
  [
    "the smaller and the larger of a value and a number",
    (b) => flat(b, b.emit("Max", [b.emit("Min", [conv(b, 4), b.scalar(0.5)]), b.scalar(-0.25)])),
  ],
  ["a whole picture of constants", (b) => flat(b, b.emit("Add", ["input", b.floats([3, 9, 12], noise(3, 9, 12))]))],
  [
    "channels that are weighted by their own mean",
    (b) => {
      const value = conv(b, 4);
      return flat(b, b.emit("Mul", [b.emit("Sigmoid", [b.emit("GlobalAveragePool", [value])]), value]));
    },
  ],
  [
    "the largest of a window with margins, all numbers below zero",
    (b) =>
      flat(
        b,
        b.emit("MaxPool", [b.emit("Sub", ["input", b.scalar(50)])], {
          kernel_shape: [3, 3],
          strides: [2, 2],
          pads: [1, 1, 1, 1],
        }),
      ),
  ],
  ["the mean of a window", (b) => flat(b, b.emit("AveragePool", ["input"], { kernel_shape: [2, 2], strides: [2, 2] }))],
  [
    "zeros after the channels and at the border",
    (b) => flat(b, b.emit("Pad", ["input", b.integers([0, 0, 1, 0, 0, 5, 0, 2])])),
  ],
  [
    "channels last by name, and a stack of two such",
    (b) => {
      const rows = [conv(b, 2), conv(b, 4)].map((value) =>
        b.emit("Reshape", [b.emit("Transpose", [value], { perm: [0, 2, 3, 1] }), b.integers([1, -1])]),
      );
      return b.emit("Concat", rows, { axis: 1 });
    },
  ],
  ["planes on top of planes", (b) => flat(b, b.emit("Concat", [conv(b, 2), conv(b, 3)], { axis: 1 }))],
  [
    "a row, a matrix and a bias",
    (b) => {
      const row = b.emit("Flatten", [b.emit("GlobalAveragePool", [conv(b, 4)])], { axis: 1 });
      const product = b.emit("Gemm", [row, b.floats([5, 4], noise(5, 4)), b.floats([5], noise(5))], { transB: 1 });
      return b.emit("MatMul", [product, b.floats([5, 2], noise(5, 2))]);
    },
  ],
];

describe("the graph runner computes as ONNX Runtime does", () => {
  it.each(cases)("%s", async (_, build) => {
    const graph = graphOf(build);
    const input = noise(3, size.height, size.width);
    const theirs = (await runGraph(graph, input)).out!;
    expect(relativeDifference(theirs, await byTensorflow(graph, input))).toBeLessThan(1e-5);
  });

  it.each<[string, Build, string]>([
    [
      "an operation it does not know",
      (b) => b.emit("Softmax", ["input"]),
      "operation Softmax (Softmax_0) is not known",
    ],
    [
      "groups of several channels",
      (b) => b.emit("Conv", ["input", b.floats([4, 2, 1, 1], noise(8))], { group: 2 }),
      "groups of several channels",
    ],
    [
      "a mean over a margin",
      (b) => b.emit("AveragePool", ["input"], { kernel_shape: [2, 2], pads: [0, 0, 1, 1] }),
      "over a margin",
    ],
    [
      "a picture turned another way",
      (b) => b.emit("Transpose", ["input"], { perm: [0, 3, 2, 1] }),
      "of a picture to 0,3,2,1",
    ],
  ])("%s is refused by name, not guessed", (_, build, message) => {
    const model = readOnnx("toy", encodeOnnx(graphOf(build)));
    expect(() => new GraphRunner(tf, "toy", model)).toThrow(
      expect.objectContaining({ code: "LINTEL_E_MODEL_UNSUPPORTED", message: expect.stringContaining(message) }),
    );
  });
});
