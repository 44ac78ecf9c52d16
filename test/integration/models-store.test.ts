import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Logger } from "../../src/core/logger.ts";
import { createOnnxEngine } from "../../src/hal/compute/onnx.ts";
import { readOnnx } from "../../src/hal/compute/tfjs/onnx-file.ts";
import { networkNames } from "../../src/models/catalogue.ts";
import { ModelStore } from "../../src/models/store.ts";

let directory: string;
let lines: string[];
let logger: Logger;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-models-"));
  lines = [];
  const record = (level: string) => (_: object, message: string) => void lines.push(`${level}: ${message}`);
  logger = {
    debug: record("debug"),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
    child: () => logger,
  };
});
afterEach(() => rm(directory, { recursive: true }));

const store = () => new ModelStore({ cacheDirectory: directory, logger });
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe("ModelStore", () => {
  it("compiles at the first start and only loads at the next", async () => {
    const first = await store().load("blazeface");
    expect(lines).toEqual(["debug: model compiled"]);
    const second = await store().load("blazeface");
    expect(lines).toHaveLength(1);
    expect(same(first.onnx, second.onnx)).toBe(true);
    expect(second).toMatchObject({ name: "blazeface", inputWidth: 256, inputHeight: 256, sha256: first.sha256 });
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ["cut short", (file) => truncate(file, 100_000)],
    ["empty", (file) => truncate(file, 0)],
    ["overwritten", (file) => writeFile(file, "no model")],
    ["damaged in one bit", flipOneBit],
  ])("a cached model that is %s is told of once and compiled again", async (_, damage) => {
    const good = await store().load("blazeface");
    const [name = ""] = await readdir(directory);
    await damage(join(directory, name));
    lines.length = 0;
    expect(same((await store().load("blazeface")).onnx, good.onnx)).toBe(true);
    expect(lines).toEqual(["warn: compiled model was damaged, compiled again"]);
    await store().load("blazeface");
    expect(lines).toHaveLength(1);
  });

  it("a cache that cannot be written is told of once, and the networks are used all the same", async () => {
    const file = join(directory, "taken");
    await writeFile(file, "a file where the folder should be");
    const models = new ModelStore({ cacheDirectory: file, logger });
    expect((await models.load("blazeface")).onnx.byteLength).toBeGreaterThan(100_000);
    expect((await models.load("facemesh")).onnx.byteLength).toBeGreaterThan(100_000);
    expect(lines).toEqual(["warn: compiled models cannot be kept, each start compiles again"]);
  });

  it("keeps the form for other devices beside that for this processor, and neither makes way for the other", async () => {
    for (let start = 0; start < 2; start++) {
      const [here, elsewhere] = [await store().load("dlib"), await store().load("dlib", "portable")];
      expect(elsewhere.sha256).toBe(here.sha256);
      expect((await readdir(directory)).map((file) => file.replace(/-[0-9a-f]{16}-.*/, "")).sort()).toEqual([
        "dlib",
        "portable-dlib",
      ]);
    }
    expect(lines).toEqual(["debug: model compiled", "debug: model compiled"]);
  });

  it("has no margin around a unit kernel in the portable form: ONNX Runtime's WebGPU leaves it out", async () => {
    for (const name of networkNames) {
      const model = readOnnx(name, (await store().load(name, "portable")).onnx);
      for (const node of model.nodes.filter(({ op }) => op === "Conv")) {
        const [, , height, width] = model.constants.get(node.inputs[1] ?? "")?.shape ?? [];
        if (height === 1 && width === 1) expect(node.attributes.get("pads") ?? [0, 0, 0, 0]).toEqual([0, 0, 0, 0]);
      }
    }
  });

  it("two that compile the same network at once both get it whole", async () => {
    const [a, b] = await Promise.all([store().load("facemesh"), store().load("facemesh")]);
    expect(same(a.onnx, b.onnx)).toBe(true);
    expect(await readdir(directory)).toHaveLength(1);
    expect(same((await store().load("facemesh")).onnx, a.onnx)).toBe(true);
  });
});

describe("the ONNX engine", () => {
  const engine = () => createOnnxEngine({ source: store(), threads: 1, logger });

  it("opens every network, each once", async () => {
    const onnx = engine();
    for (const name of networkNames) {
      const [network, again] = await Promise.all([onnx.open(name), onnx.open(name)]);
      expect(network).toBe(again);
      expect(network.inputLayout).toBe("nchw");
    }
    await onnx.close();
    await onnx.close();
  });

  it("sees what the caller writes into the same array the next time, and leaves earlier results alone", async () => {
    const onnx = engine();
    const network = await onnx.open("facemesh");
    const input = new Float32Array(3 * network.inputWidth * network.inputHeight).fill(0.2);
    const dark = (await network.run(input)).points!;
    const kept = dark.slice();
    input.fill(0.9);
    const bright = (await network.run(input)).points!;
    expect(dark).toEqual(kept);
    expect(bright).not.toEqual(dark);
    input.fill(0.2);
    expect((await network.run(input)).points).toEqual(kept);
    await onnx.close();
  });

  it("refuses an input of another size", async () => {
    const onnx = engine();
    const network = await onnx.open("facemesh");
    await expect(network.run(new Float32Array(7))).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      message: "facemesh takes 110592 numbers, not 7",
    });
    await onnx.close();
  });

  it("opens nothing once it is closed", async () => {
    const onnx = engine();
    await onnx.close();
    await expect(onnx.open("dlib")).rejects.toMatchObject({ code: "LINTEL_E_MODEL" });
  });

  it("names the model that the runtime refuses, and tries again when asked again", async () => {
    let bytes: Uint8Array = Buffer.from("this is not a model");
    const source = { load: async () => ({ onnx: bytes, inputWidth: 256, inputHeight: 256 }) };
    const onnx = createOnnxEngine({ source, threads: 1, logger });
    await expect(onnx.open("blazeface")).rejects.toMatchObject({
      code: "LINTEL_E_MODEL",
      message: "model blazeface cannot be opened",
    });
    bytes = (await store().load("blazeface")).onnx;
    await expect(onnx.open("blazeface")).resolves.toMatchObject({ inputWidth: 256 });
    await onnx.close();
  });
});

async function flipOneBit(file: string): Promise<void> {
  const content = await readFile(file);
  content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 4;
  await writeFile(file, content);
}
