import { describe, expect, it } from "vitest";
import { driversFor, type EngineChoice, idOf } from "../../../../src/hal/compute/drivers.ts";

const ids = (engine: EngineChoice, device: string) => driversFor(engine, device).map(idOf);

describe("driversFor", () => {
  it.each<[EngineChoice, string[]]>([
    ["auto", ["tfjs/node-gpu", "onnx/cuda", "onnx/webgpu", "onnx/cpu"]],
    ["onnx", ["onnx/cuda", "onnx/webgpu", "onnx/cpu"]],
    ["tfjs", ["tfjs/node-gpu", "tfjs/webgpu", "tfjs/wasm"]],
  ])("engine %s on auto tries %j in this order", (engine, order) => {
    expect(ids(engine, "auto")).toEqual(order);
  });

  it.each<[EngineChoice, string, string]>([
    ["auto", "cpu", "onnx/cpu"],
    ["auto", "cuda", "onnx/cuda"],
    ["auto", "tensorrt", "onnx/tensorrt"],
    ["auto", "node-gpu", "tfjs/node-gpu"],
    ["auto", "wasm", "tfjs/wasm"],
    ["tfjs", "webgpu", "tfjs/webgpu"],
    ["onnx", "webgpu", "onnx/webgpu"],
  ])("engine %s on device %s is %s alone", (engine, device, id) => {
    expect(ids(engine, device)).toEqual([id]);
  });

  it("webgpu is tried in both engines where none is named: one package for arm64 lacks it", () => {
    expect(ids("auto", "webgpu")).toEqual(["onnx/webgpu", "tfjs/webgpu"]);
  });

  it.each<[EngineChoice, string, string, string]>([
    [
      "onnx",
      "wasm",
      "compute.device: wasm cannot be used with compute.engine: onnx",
      "auto, cpu, webgpu, cuda, tensorrt",
    ],
    ["tfjs", "cpu", "compute.device: cpu cannot be used with compute.engine: tfjs", "auto, node-gpu, webgpu, wasm"],
    ["tfjs", "cuda", "compute.device: cuda cannot be used with compute.engine: tfjs", "auto, node-gpu, webgpu, wasm"],
    ["auto", "npu", "compute.device: npu cannot be used", "auto, cpu, webgpu, cuda, tensorrt, node-gpu, wasm"],
  ])(
    "engine %s on device %s is a mistake in the configuration that names the way out",
    (engine, device, message, choices) => {
      expect(() => driversFor(engine, device)).toThrow(
        expect.objectContaining({
          code: "LINTEL_E_CONFIG",
          exit: 78,
          message,
          hint: `Set compute.device to one of ${choices}.`,
        }),
      );
    },
  );
});
