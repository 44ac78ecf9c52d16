import { describe, expect, it } from "vitest";
import { gaussian, seededRandom } from "../../src/core/random.ts";
import { keepBlocked } from "../../src/models/onnx/blocked.ts";
import { fold } from "../../src/models/onnx/fold.ts";
import type { OnnxGraph } from "../../src/models/onnx/graph.ts";
import { readGraph } from "../../src/models/tfjs/graph.ts";
import { translate } from "../../src/models/tfjs/translate.ts";
import { relativeDifference, runGraph } from "../support/run-onnx.ts";
import { graphFiles, type HandMadeConstant, type HandMadeNode, ints, text, texts } from "../support/tfjs-graph.ts";

const size = 12;
const random = seededRandom(20240607);
const noise = (...shape: number[]): HandMadeConstant => {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, values: Array.from({ length: count }, () => gaussian(random)) };
};
const scalar = (value: number): HandMadeConstant => ({ shape: [], values: [value] });
const strides = (step: number) => ({ strides: ints(1, step, step, 1), padding: text("SAME") });

/** A 3 x 3 convolution from the picture to `channels` planes, named `conv`. */
function start(channels: number): { constants: Record<string, HandMadeConstant>; nodes: HandMadeNode[] } {
  const conv = { name: "conv", op: "Conv2D", input: ["input", "kernel"], attr: strides(1) };
  return {
    constants: { kernel: noise(3, 3, 3, channels) },
    nodes: [{ name: "input", op: "Placeholder" }, conv],
  };
}

function plainGraph(channels: number, more: Record<string, HandMadeConstant>, rest: HandMadeNode[], length: number) {
  const { constants, nodes } = start(channels);
  const files = graphFiles({ ...constants, ...more }, [...nodes, ...rest]);
  const from = [rest.at(-1)?.name ?? ""];
  const outputs = { out: { from, length } };
  return translate(readGraph(files, "net/model.json"), { model: "toy", width: size, height: size, outputs });
}

const operations = (graph: OnnxGraph) => graph.nodes.map((node) => node.op);
const area = size * size;

/** Channels that each convolution gives. */
const widthsOf = ({ nodes, constants }: OnnxGraph) =>
  nodes.filter(({ op }) => op === "Conv").map(({ inputs }) => constants.get(inputs[1] ?? "")?.shape[0]);

const cases: { says: string; graph: OnnxGraph; folded: string[]; blocked: string[]; widths?: number[] }[] = [
  {
    says: "batch normalisation and relu6 after a dense and a depthwise convolution",
    graph: plainGraph(
      8,
      { scale: noise(8), shift: noise(8), high: scalar(6), low: scalar(0), deep: noise(3, 3, 8, 1), scale2: noise(8) },
      [
        { name: "scaled", op: "Mul", input: ["conv", "scale"] },
        { name: "shifted", op: "AddV2", input: ["scaled", "shift"] },
        { name: "relu", op: "Relu", input: ["shifted"] },
        { name: "min", op: "Minimum", input: ["relu", "high"] },
        { name: "max", op: "Maximum", input: ["min", "low"] },
        { name: "deepened", op: "DepthwiseConv2dNative", input: ["max", "deep"], attr: strides(2) },
        { name: "scaled2", op: "Mul", input: ["deepened", "scale2"] },
      ],
      (8 * area) / 4,
    ),
    folded: ["Conv", "Clip", "Conv", "Transpose", "Reshape", "Identity"],
    blocked: ["Conv", "Clip", "Conv", "Transpose", "Reshape", "Identity"],
  },
  {
    says: "slopes below zero, between, and above one",
    graph: plainGraph(
      4,
      { slopes: { shape: [1, 1, 4], values: [-0.5, 0, 0.3, 2] } },
      [{ name: "bent", op: "Prelu", input: ["conv", "slopes"] }],
      4 * area,
    ),
    folded: ["Conv", "PRelu", "Transpose", "Reshape", "Identity"],
    blocked: ["Conv", "Relu", "Conv", "Conv", "Add", "Transpose", "Reshape", "Identity"],
  },
  {
    says: "slopes of which none is above one, whose bend is fused with its product",
    graph: plainGraph(
      4,
      { slopes: { shape: [1, 1, 4], values: [-0.5, 0, 0.3, 1] } },
      [{ name: "bent", op: "Prelu", input: ["conv", "slopes"] }],
      4 * area,
    ),
    folded: ["Conv", "PRelu", "Transpose", "Reshape", "Identity"],
    blocked: ["Conv", "Conv", "Relu", "Conv", "Add", "Transpose", "Reshape", "Identity"],
  },
  {
    says: "planes of an odd number that are pooled, padded and added up between convolutions",
    graph: plainGraph(
      5,
      {
        amounts: { shape: [4, 2], values: [0, 0, 0, 0, 0, 0, 0, 3], dtype: "int32" },
        deep: noise(3, 3, 5, 1),
        wider: noise(1, 1, 5, 8),
        bias: noise(8),
        last: noise(1, 1, 8, 4),
      },
      [
        { name: "bent", op: "Relu", input: ["conv"] },
        { name: "pooled", op: "MaxPool", input: ["bent"], attr: { ...strides(2), ksize: ints(1, 2, 2, 1) } },
        { name: "padded", op: "Pad", input: ["pooled", "amounts"] },
        { name: "deepened", op: "DepthwiseConv2dNative", input: ["bent", "deep"], attr: strides(2) },
        {
          name: "widened",
          op: "_FusedConv2D",
          input: ["deepened", "wider", "bias"],
          attr: { ...strides(1), fused_ops: texts("BiasAdd") },
        },
        { name: "sum", op: "AddV2", input: ["padded", "widened"] },
        { name: "out", op: "Conv2D", input: ["sum", "last"], attr: strides(1) },
      ],
      4 * (area / 4),
    ),
    folded: ["Conv", "Relu", "MaxPool", "Pad", "Conv", "Conv", "Add", "Conv", "Transpose", "Reshape", "Identity"],
    blocked: ["Conv", "Relu", "MaxPool", "Conv", "Conv", "Conv", "Add", "Conv", "Transpose", "Reshape", "Identity"],
    widths: [16, 16, 16, 16, 4],
  },
  {
    says: "a residual sum with pooled and padded planes of an odd number",
    graph: plainGraph(
      5,
      {
        amounts: { shape: [4, 2], values: [0, 0, 1, 2, 0, 1, 0, 3], dtype: "int32" },
        other: noise(1, 1, 5, 8),
        otherBias: noise(8),
      },
      [
        { name: "pooled", op: "MaxPool", input: ["conv"], attr: { ...strides(2), ksize: ints(1, 2, 2, 1) } },
        { name: "padded", op: "Pad", input: ["pooled", "amounts"] },
        { name: "out", op: "Sigmoid", input: ["padded"] },
      ],
      8 * 9 * 7,
    ),
    folded: ["Conv", "MaxPool", "Pad", "Sigmoid", "Transpose", "Reshape", "Identity"],
    blocked: ["Conv", "MaxPool", "Conv", "Sigmoid", "Transpose", "Reshape", "Identity"],
  },
  {
    says: "fused bias and activation, and the mean over the picture",
    graph: plainGraph(
      6,
      {
        again: noise(1, 1, 6, 7),
        bias: noise(7),
        slopes: noise(7),
        axes: { shape: [2], values: [1, 2], dtype: "int32" },
      },
      [
        {
          name: "fused",
          op: "_FusedConv2D",
          input: ["conv", "again", "bias", "slopes"],
          attr: { ...strides(1), fused_ops: texts("BiasAdd", "Prelu") },
        },
        { name: "mean", op: "Mean", input: ["fused", "axes"] },
      ],
      7,
    ),
    folded: ["Conv", "Conv", "PRelu", "GlobalAveragePool", "Reshape", "Reshape", "Identity"],
    blocked: ["Conv", "Conv", "Relu", "Conv", "Conv", "Add", "GlobalAveragePool", "Reshape", "Reshape", "Identity"],
  },
];

describe("a graph computes the same in every form", () => {
  it.each(cases)("$says", async ({ graph, folded, blocked, widths }) => {
    const input = Float32Array.from({ length: 3 * area }, () => gaussian(random));
    const forms = [fold(graph), keepBlocked(fold(graph))];
    expect(forms.map(operations)).toEqual([folded, blocked]);
    if (widths) expect(widthsOf(keepBlocked(fold(graph)))).toEqual(widths);
    const plain = await runGraph(graph, input);
    expect(plain.out!.some((value) => value !== 0)).toBe(true);
    for (const form of forms) {
      const { out } = await runGraph(form, input);
      expect(relativeDifference(plain.out!, out!)).toBeLessThan(1e-5);
    }
  });
});
