import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { ComputeDriver } from "../../../../src/hal/compute/driver.ts";
import { createOnnxEngine } from "../../../../src/hal/compute/onnx.ts";
import { onnxDrivers } from "../../../../src/hal/compute/onnx-devices.ts";
import { openEngine } from "../../../../src/hal/compute/registry.ts";
import { ModelStore } from "../../../../src/models/store.ts";
import type { Network, NetworkName } from "../../../../src/pipeline/engine.ts";
import { capturedLog } from "../../../support/captured-log.ts";
import { testModelCache } from "../../../support/model-cache.ts";

const source = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });

/** What the device makes of a right answer. */
type Fault = (output: Float32Array, network: NetworkName, run: number) => Float32Array;

/** A graphics processor with a fault: the real engine, whose answers are changed on their way out. */
function faultyDevice(fault: Fault): { driver: ComputeDriver; used: () => number } {
  let used = 0;
  const driver: ComputeDriver = {
    engine: "onnx",
    device: "webgpu",
    look: async () => ({ isPresent: true, adapter: "a faulty card" }),
    open: async (parts) => {
      const engine = createOnnxEngine(parts);
      return {
        name: "onnx",
        device: "webgpu",
        open: async (name): Promise<Network> => {
          const network = await engine.open(name);
          const { inputLayout, inputWidth, inputHeight } = network;
          const run = async (input: Float32Array) => {
            const outputs = await network.run(input);
            used += 1;
            return Object.fromEntries(Object.entries(outputs).map(([key, values]) => [key, fault(values, name, used)]));
          };
          return { inputLayout, inputWidth, inputHeight, run };
        },
        close: () => engine.close(),
      };
    },
  };
  return { driver, used: () => used };
}

const processor = onnxDrivers.filter(({ device }) => device === "cpu");
let noise = 1;
const faults: readonly [string, Fault][] = [
  ["gives nothing but zeros", (values) => new Float32Array(values.length)],
  ["gives what is no number", (values) => values.map((value, n) => (n === values.length - 1 ? Number.NaN : value))],
  [
    "is off by one in a hundred in the embedder alone",
    (values, name) => (name === "dlib" ? values.map((v) => v * 1.01) : values),
  ],
  [
    "forgets the end of a buffer",
    (values, name) => (name === "blazeface" ? values.map((v, n) => (n < values.length - 64 ? v : 0)) : values),
  ],
  [
    "adds noise",
    (values) =>
      values.map((value) => {
        noise = (noise * 16807) % 2147483647;
        return value * (1 + 0.02 * (noise / 2147483647 - 0.5));
      }),
  ],
  ["gives too few numbers", (values) => values.slice(1)],
];

describe.each(faults)("a graphics processor that %s", (_, fault) => {
  it("is left out by auto with one line, and the processor computes", async () => {
    const { logger, lines } = capturedLog();
    const { driver } = faultyDevice(fault);
    const engine = await openEngine({
      ...{ engine: "auto", device: "auto", threads: 1, source, logger },
      drivers: [driver, ...processor],
    });
    expect(engine.device).toBe("cpu");
    const warnings = lines.filter(({ level }) => level === "warn");
    expect(warnings).toEqual([
      {
        level: "warn",
        message: "compute device left out",
        fields: {
          device: "onnx/webgpu",
          reason: expect.stringMatching(/^onnx on webgpu computes \w+ wrongly: /),
          next: "onnx/cpu",
        },
      },
    ]);
    await expect(engine.open("dlib")).resolves.toMatchObject({ inputWidth: 150 });
    expect(engine.selfTests.get("dlib")?.deviation).toBeLessThan(1e-5);
    await engine.close();
  });
});

describe("a graphics processor that is named in the configuration", () => {
  it("and computes rubbish hands out no network, and nothing else computes in its place", async () => {
    const { driver, used } = faultyDevice((values) => new Float32Array(values.length));
    const engine = await openEngine({
      ...{ engine: "auto", device: "webgpu", threads: 1, source, logger: silentLogger },
      drivers: [driver, ...processor],
    });
    await expect(engine.open("dlib")).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      exit: 69,
      message: expect.stringContaining("onnx on webgpu computes dlib wrongly"),
      hint: expect.stringContaining("compute.device"),
    });
    expect(used()).toBe(1);
    await engine.close();
  });

  it("and computes rightly is used by its own name", async () => {
    const { driver } = faultyDevice((values) => values);
    const { logger, lines } = capturedLog();
    const engine = await openEngine({
      ...{ engine: "auto", device: "auto", threads: 1, source, logger },
      drivers: [driver, ...processor],
    });
    expect(engine).toMatchObject({ name: "onnx", device: "webgpu", adapter: "a faulty card" });
    expect([...engine.selfTests.keys()]).toEqual(["blazeface", "facemesh", "dlib", "faceres"]);
    expect(lines.find(({ level }) => level === "info")?.fields).toEqual({
      engine: "onnx",
      device: "webgpu",
      adapter: "a faulty card",
    });
    await engine.close();
  });
});
