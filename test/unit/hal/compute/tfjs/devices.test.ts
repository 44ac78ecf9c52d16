import type * as Tensorflow from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../../src/core/logger.ts";
import { nodeGpuDriver } from "../../../../../src/hal/compute/tfjs/devices.ts";

/** The library as the package hands it out, on a backend that says whether it found a graphics processor. */
function packageOf(backend: { isUsingGpuDevice: boolean }): typeof Tensorflow {
  return Object.assign(Object.create(tf), { getBackend: () => "tensorflow", backend: () => backend });
}
const source = { load: () => Promise.reject(new Error("no network is wanted here")) };

/** The package, where it is installed. */
const installed = (load: () => Promise<typeof Tensorflow>) => nodeGpuDriver({ isInstalled: () => true, load });
const parts = { source, threads: 1, logger: silentLogger };

describe("device node-gpu", () => {
  it("the package is not installed: a matter of the configuration, in one line; nothing is loaded", async () => {
    const load = () => Promise.reject(new Error("was loaded"));
    expect(await nodeGpuDriver({ isInstalled: () => false, load }).look()).toMatchObject({
      isPresent: false,
      problem: {
        code: "LINTEL_E_CONFIG",
        exit: 78,
        message: "@tensorflow/tfjs-node-gpu is not installed",
        hint: expect.stringContaining("npm install --prefix /opt @tensorflow/tfjs-node-gpu"),
      },
    });
  });

  it("the package finds no graphics processor: missing hardware", async () => {
    const driver = installed(async () => packageOf({ isUsingGpuDevice: false }));
    await expect(driver.open(parts)).rejects.toMatchObject({
      code: "LINTEL_E_HARDWARE",
      exit: 69,
      message: "@tensorflow/tfjs-node-gpu is installed and finds no graphics processor",
    });
  });

  it.each([
    ["its addon was never built", "The Node.js native addon module (tfjs_binding.node) can not be found at path: x"],
    ["its libtensorflow is of another machine", "libtensorflow.so.2: cannot open shared object file"],
  ])("%s: says what the package says", async (_, message) => {
    const driver = installed(() => Promise.reject(new Error(message)));
    await expect(driver.open(parts)).rejects.toMatchObject({
      code: "LINTEL_E_HARDWARE",
      message: `@tensorflow/tfjs-node-gpu is installed and does not start: ${message}`,
    });
  });

  it("with a graphics processor it opens an engine by its name", async () => {
    const driver = installed(async () => packageOf({ isUsingGpuDevice: true }));
    expect(await driver.look()).toEqual({ isPresent: true });
    const engine = await driver.open(parts);
    expect(engine).toMatchObject({ name: "tfjs", device: "node-gpu" });
    await engine.close();
  });
});
