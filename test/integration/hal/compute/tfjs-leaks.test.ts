import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { tfjsDrivers } from "../../../../src/hal/compute/tfjs/devices.ts";
import { ModelStore } from "../../../../src/models/store.ts";
import type { Engine } from "../../../../src/pipeline/engine.ts";
import { testModelCache } from "../../../support/model-cache.ts";
import { opinionated } from "../../../support/tiny-networks.ts";

/** With `LINTEL_LONG=1` the frames go through a real network. */
const isLong = process.env.LINTEL_LONG === "1";
const frames = 10_000;

let engine: Engine;
beforeAll(async () => {
  const store = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });
  const tiny = { onnx: opinionated(1), inputWidth: 80, inputHeight: 80 };
  const source = { load: async () => (isLong ? store.load("facemesh", "portable") : tiny) };
  const driver = tfjsDrivers.find(({ device }) => device === "wasm");
  if (!driver) throw new Error("no driver wasm");
  engine = await driver.open({ source, threads: 1, logger: silentLogger });
});
afterAll(() => engine.close());

it(`${frames} frames leave no tensor behind`, { timeout: isLong ? 600_000 : 60_000 }, async () => {
  const network = await engine.open("facemesh");
  const input = new Float32Array(3 * network.inputWidth * network.inputHeight).fill(0.5);
  await network.run(input);
  const before = tf.memory();
  for (let frame = 0; frame < frames; frame++) await network.run(input);
  const after = tf.memory();
  expect([after.numTensors, after.numDataBuffers, after.numBytes]).toEqual([
    before.numTensors,
    before.numDataBuffers,
    before.numBytes,
  ]);
});

it("a refused run leaves no tensor behind, and a closed engine none at all", async () => {
  const before = tf.memory().numTensors;
  const network = await engine.open("facemesh");
  await expect(network.run(new Float32Array(5))).rejects.toThrow("numbers");
  expect(tf.memory().numTensors).toBe(before);
  await engine.close();
  expect(tf.memory().numTensors).toBe(0);
});
