import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { openEngine } from "../../../../src/hal/compute/registry.ts";

const source = { load: () => Promise.reject(new Error("no network is wanted here")) };
const open = (engine: "auto" | "tfjs" | "onnx", device: string) =>
  openEngine({ engine, device, threads: 1, source, logger: silentLogger });

describe("openEngine", () => {
  it.each([
    ["auto", "auto"],
    ["auto", "cpu"],
    ["onnx", "auto"],
    ["onnx", "cpu"],
  ] as const)("engine %s on device %s is ONNX Runtime on the processor", async (engine, device) => {
    const opened = await open(engine, device);
    expect(opened).toMatchObject({ name: "onnx", device: "cpu" });
    await opened.close();
  });

  it.each([
    ["tfjs", "auto", "compute.engine: tfjs", "Set compute.engine to onnx or auto."],
    ["tfjs", "cpu", "compute.engine: tfjs", "Set compute.engine to onnx or auto."],
    ["auto", "cuda", "compute.device: cuda", "Set compute.device to cpu or auto."],
    ["onnx", "webgpu", "compute.device: webgpu", "Set compute.device to cpu or auto."],
    ["onnx", "nonsense", "compute.device: nonsense", "Set compute.device to cpu or auto."],
  ] as const)("engine %s on device %s is refused with the way out", async (engine, device, subject, hint) => {
    await expect(open(engine, device)).rejects.toMatchObject({
      code: "LINTEL_E_CONFIG",
      message: `${subject} is not available in this version`,
      hint,
    });
  });

  it("loads nothing before a network is wanted", async () => {
    const opened = await open("auto", "auto");
    await expect(opened.open("dlib")).rejects.toThrow("no network is wanted here");
    await opened.close();
  });
});
