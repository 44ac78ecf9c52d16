import { describe, expect, it } from "vitest";
import { LintelError } from "../../../../src/core/errors.ts";
import {
  decodeFloat16,
  decodeWeights,
  type WeightSpec,
  weightsManifestSchema,
} from "../../../../src/models/tfjs/weights.ts";

describe("decodeFloat16", () => {
  it.each([
    ["one", 0x3c00, 1],
    ["minus two", 0xc000, -2],
    ["a third as half precision has it", 0x3555, 0.333251953125],
    ["the largest number", 0x7bff, 65504],
    ["the smallest normal number", 0x0400, 2 ** -14],
    ["the smallest subnormal number", 0x0001, 2 ** -24],
    ["a negative subnormal number", 0x83ff, -1023 * 2 ** -24],
    ["zero", 0x0000, 0],
    ["minus zero", 0x8000, -0],
    ["infinity", 0x7c00, Number.POSITIVE_INFINITY],
    ["minus infinity", 0xfc00, Number.NEGATIVE_INFINITY],
    ["not a number", 0x7e00, Number.NaN],
  ])("reads %s exactly", (_, bits, value) => {
    expect(decodeFloat16(Uint16Array.of(bits))[0]).toBe(value);
  });
});

describe("decodeWeights", () => {
  it("reads every kind of number from one run of bytes without padding", () => {
    const bytes = Uint8Array.of(
      ...[7, 0, 10], // uint8
      ...[0x00, 0x3c, 0x00, 0xc0], // float16: 1, -2
      ...[0, 0, 0x80, 0x3f], // float32: 1
      ...[0xff, 0xff, 0xff, 0xff], // int32: -1
      ...[0x01, 0x01], // uint16: 257
    );
    const tensors = decodeWeights(
      [
        { name: "q8", shape: [3], dtype: "float32", quantization: { dtype: "uint8", scale: 0.5, min: -1 } },
        { name: "half", shape: [1, 2], dtype: "float32", quantization: { dtype: "float16" } },
        { name: "single", shape: [], dtype: "float32" },
        { name: "whole", shape: [1], dtype: "int32" },
        { name: "q16", shape: [1], dtype: "float32", quantization: { dtype: "uint16", scale: 2, min: 1 } },
      ],
      bytes,
    );
    expect(tensors.get("q8")?.data).toEqual(Float32Array.of(2.5, -1, 4));
    expect(tensors.get("half")).toEqual({ shape: [1, 2], data: Float32Array.of(1, -2) });
    expect(tensors.get("single")).toEqual({ shape: [], data: Float32Array.of(1) });
    expect(tensors.get("whole")?.data).toEqual(Int32Array.of(-1));
    expect(tensors.get("q16")?.data).toEqual(Float32Array.of(515));
  });

  it("keeps whole numbers whole when they are quantised", () => {
    const spec: WeightSpec = {
      name: "n",
      shape: [2],
      dtype: "int32",
      quantization: { dtype: "uint8", scale: 1, min: -3 },
    };
    expect(decodeWeights([spec], Uint8Array.of(0, 5)).get("n")?.data).toEqual(Int32Array.of(-3, 2));
  });

  it("reads from a view that does not start where its buffer starts", () => {
    const view = Buffer.concat([Buffer.from([9]), Buffer.from(Float32Array.of(3, 4).buffer)]).subarray(1);
    const spec: WeightSpec = { name: "x", shape: [2], dtype: "float32" };
    expect(decodeWeights([spec], view).get("x")?.data).toEqual(Float32Array.of(3, 4));
  });

  it.each([
    ["too few bytes", 7, "weights end before x"],
    ["too many bytes", 9, "weights have 9 bytes, the manifest names 8"],
    ["no bytes", 0, "weights end before x"],
  ])("refuses %s", (_, length, message) => {
    const spec: WeightSpec = { name: "x", shape: [2], dtype: "float32" };
    expect(() => decodeWeights([spec], new Uint8Array(length))).toThrow(message);
    expect(() => decodeWeights([spec], new Uint8Array(length))).toThrow(LintelError);
  });

  it.each([
    ["an unknown type", { name: "x", shape: [1], dtype: "complex64" }],
    ["a negative size", { name: "x", shape: [-1], dtype: "float32" }],
    [
      "a quantisation without a scale",
      { name: "x", shape: [1], dtype: "float32", quantization: { dtype: "uint8", min: 0 } },
    ],
    ["no name", { shape: [1], dtype: "float32" }],
  ])("takes no manifest with %s", (_, spec) => {
    expect(weightsManifestSchema.safeParse([{ paths: [], weights: [spec] }]).success).toBe(false);
  });
});
