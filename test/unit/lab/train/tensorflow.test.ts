import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import type { NodeGpuPackage } from "../../../../src/hal/compute/tfjs/devices.ts";
import { valuesOf } from "../../../../src/lab/train/adam.ts";
import { siameseNet } from "../../../../src/lab/train/siamese/network.ts";
import { openBestTensorflow, openTensorflow } from "../../../../src/lab/train/tensorflow.ts";
import { trainMetric } from "../../../../src/lab/train/train-metric.ts";
import { patterns } from "../../../support/pattern-faces.ts";

/** What the package does when it is loaded: it enters a backend of its name, with all its kernels, and makes it the active one. */
function packageWith(device: { isUsingGpuDevice: boolean }): NodeGpuPackage {
  return {
    isInstalled: () => true,
    load: async () => {
      tf.registerBackend("tensorflow", () => Object.assign(new MathBackendCPU(), device), 3);
      if (!tf.getKernel("Add", "tensorflow")) tf.copyRegisteredKernels("cpu", "tensorflow");
      await tf.setBackend("tensorflow");
      return tf;
    },
  };
}
const notInstalled: NodeGpuPackage = {
  isInstalled: () => false,
  load: () => Promise.reject(new Error("was loaded")),
};
const broken: NodeGpuPackage = {
  isInstalled: () => true,
  load: () => Promise.reject(new Error("libtensorflow.so.2: cannot open shared object file")),
};

afterEach(async () => {
  await openTensorflow("wasm");
  if (tf.findBackendFactory("tensorflow")) tf.removeBackend("tensorflow");
});

async function train(): Promise<Float32Array[]> {
  const samples = patterns({ people: 3, pictures: 2, side: 4 });
  const net = siameseNet({ side: 4, channels: [2], dimension: 3 }, seededRandom(2));
  await trainMetric(net, samples, {
    ...{ mining: "hard", margin: 0.4, batch: { people: 3, pictures: 2 }, steps: 2, learningRate: 5e-3 },
    ...{ random: seededRandom(3), schedule: "constant" },
  });
  return valuesOf(net.variables);
}

describe("training on node-gpu", () => {
  test("runs the same code on the backend that the package brings", async () => {
    await openTensorflow("node-gpu", packageWith({ isUsingGpuDevice: true }));
    expect(tf.getBackend()).toBe("tensorflow");
    const weights = await train();
    await openTensorflow("cpu");
    expect(weights).toEqual(await train());
  });

  test.each([
    ["its package is not installed", notInstalled, "@tensorflow/tfjs-node-gpu is not installed", "npm install"],
    [
      "it finds no graphics processor",
      packageWith({ isUsingGpuDevice: false }),
      /finds no graphics processor$/,
      "CUDA",
    ],
    ["it does not start", broken, /does not start: libtensorflow\.so\.2: cannot open/, "CUDA"],
  ] as const)("is refused in one line when %s, with what to do", async (_, nodeGpu, says, todo) => {
    const message = typeof says === "string" ? says : expect.stringMatching(says);
    await expect(openTensorflow("node-gpu", nodeGpu)).rejects.toMatchObject({
      ...{ code: "LINTEL_E_HARDWARE", exit: 69, message },
      hint: expect.stringMatching(new RegExp(`${todo}.*without --device node-gpu`)),
    });
  });
});

describe("the best device", () => {
  test.each([
    ["node-gpu where it can be had", packageWith({ isUsingGpuDevice: true }), "node-gpu", null],
    ["wasm where the package is not installed", notInstalled, "wasm", null],
    ["wasm without a graphics processor, which is said", packageWith({ isUsingGpuDevice: false }), "wasm", /finds no/],
    ["wasm when the package does not start, which is said", broken, "wasm", /does not start/],
  ] as const)("is %s", async (_, nodeGpu, device, problem) => {
    const best = await openBestTensorflow(nodeGpu);
    expect(best).toEqual({ device, problem: problem && expect.stringMatching(problem) });
    expect(tf.getBackend()).toBe(device === "wasm" ? "wasm" : "tensorflow");
  });
});
