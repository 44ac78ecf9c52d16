import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadVgg19 } from "../../src/art/networks/vgg19.ts";
import { gaussian, seededRandom } from "../../src/core/random.ts";
import { Safetensors } from "../../src/models/safetensors.ts";
import { vgg19Convolutions } from "../../src/models/vgg19.ts";
import { Vgg19Store } from "../../src/models/vgg19-store.ts";
import { safetensorsFile, type WrittenTensor, withHeader } from "../support/safetensors-file.ts";

const folder = mkdtempSync(join(tmpdir(), "lintel-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
function written(bytes: Uint8Array): string {
  const file = join(folder, `${++count}.safetensors`);
  writeFileSync(file, bytes);
  return file;
}

const numbers = Float32Array.of(1, -2, 0.5, 3, 65504, -0.25);

describe("safetensors", () => {
  test.each(["F32", "F16", "BF16"] as const)("numbers of the type %s are read, in their shape", async (dtype) => {
    const data = dtype === "BF16" ? Float32Array.of(1, -2, 0.5, 3, 0, -0.25) : numbers;
    const other = { shape: [1], data: Float32Array.of(9) };
    const opened = await Safetensors.open(written(safetensorsFile({ other, wanted: { shape: [2, 3], data, dtype } })));
    expect(await opened.read("wanted")).toEqual({ shape: [2, 3], data });
    expect(await opened.read("absent")).toBeUndefined();
    await opened.close();
  });

  const one = (entry: object) => JSON.stringify({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...entry } });
  const eight = new Uint8Array(8);
  const two = (from: number, until: number) =>
    JSON.stringify({
      a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      b: { dtype: "F32", shape: [(until - from) / 4], data_offsets: [from, until] },
    });
  test.each([
    ["nothing", new Uint8Array(0), /too short/],
    ["a few bytes", new Uint8Array(9), /too short/],
    ["a header larger than the file", withHeader("{}", eight, 500n), /ends within its header/],
    ["a header of terabytes", withHeader("{}", eight, 2n ** 42n), /header would have 4398046511104 bytes/],
    ["a length beyond all numbers", withHeader("{}", eight, 2n ** 64n - 1n), /header would have/],
    ["a header that is no JSON", withHeader("{a", eight), /no JSON/],
    ["a header that is a list", withHeader("[]", eight), /no JSON of tensors/],
    ["numbers cut short", withHeader(one({}), eight.subarray(1)), /holds 7 bytes/],
    ["more numbers than it names", withHeader(one({}), new Uint8Array(12)), /holds 12 bytes/],
    ["a shape that does not fit its bytes", withHeader(one({ shape: [3] }), eight), /another size/],
    ["a shape that overflows", withHeader(one({ shape: [2 ** 40, 2 ** 40] }), eight), /another size/],
    ["a negative shape", withHeader(one({ shape: [-2] }), eight), /described wrongly/],
    [
      "offsets that run backwards",
      withHeader(one({ shape: [0], data_offsets: [8, 8] }), eight),
      /overlaps or leaves a gap/,
    ],
    ["tensors that overlap", withHeader(two(4, 12), new Uint8Array(12)), /b overlaps/],
    ["a gap between tensors", withHeader(two(12, 16), new Uint8Array(16)), /leaves a gap/],
    ["no offsets", withHeader(JSON.stringify({ a: { dtype: "F32", shape: [2] } }), eight), /described wrongly/],
  ])("%s is refused in one line that says why", async (_, bytes, reason) => {
    const refusal = await Safetensors.open(written(bytes)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "LINTEL_E_UNREADABLE", message: expect.stringMatching(reason) });
  });

  test("an absent file is refused, and numbers of another type when they are asked for", async () => {
    await expect(Safetensors.open(join(folder, "absent"))).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
    const opened = await Safetensors.open(written(withHeader(one({ dtype: "I32" }), eight)));
    await expect(opened.read("a")).rejects.toThrow(/type I32/);
    await opened.close();
  });
});

/** The first eight convolutions with weights by chance, under the names of torchvision. */
function torchvision(changes: (tensors: Record<string, WrittenTensor>) => void = () => {}): string {
  const random = seededRandom(5);
  const tensors: Record<string, WrittenTensor> = {};
  const places = [0, 2, 5, 7, 10, 12, 14, 16];
  for (const [i, { inputs, outputs }] of vgg19Convolutions.slice(0, 8).entries()) {
    const data = Float32Array.from({ length: 9 * inputs * outputs }, () => (i === 0 ? gaussian(random) : 0.01));
    tensors[`features.${places[i]}.weight`] = { shape: [outputs, inputs, 3, 3], data };
    tensors[`features.${places[i]}.bias`] = { shape: [outputs], data: new Float32Array(outputs).fill(i) };
  }
  changes(tensors);
  return written(safetensorsFile(tensors));
}

describe("VGG-19 from safetensors", () => {
  const openStore = () => {
    const cacheDirectory = mkdtempSync(join(folder, "store-"));
    return { cacheDirectory, store: new Vgg19Store({ cacheDirectory }) };
  };

  test("with torchvision's names it is painted with as torchvision's input wants to be", async () => {
    const { cacheDirectory, store } = openStore();
    const file = torchvision();
    expect(await store.add(file)).toMatchObject({ kind: "installed", release: "torchvision", convolutions: 8 });
    const network = await loadVgg19(cacheDirectory);
    expect(network.licence).toMatch(/BSD/);
    expect(network.mean.map((value) => Math.round(1000 * value))).toEqual([123675, 116280, 103530]);
    const opened = await Safetensors.open(file);
    const kernel = (await opened.read("features.0.weight"))?.data ?? new Float32Array(0);
    await opened.close();
    const [first] = network.layers;
    if (first?.kind !== "convolution") throw new Error("no convolution");
    // [output, input, height, width]: each input is divided by its deviation in grey levels.
    for (const [channel, deviation] of [58.395, 57.12, 57.375].entries()) {
      for (const at of [9 * channel, 27 * 5 + 9 * channel + 4])
        expect(first.kernel[at]).toBeCloseTo(kernel[at]! / deviation, 6);
    }
    expect(await store.remove()).toBe(true);
    expect(await store.state()).toEqual({ kind: "absent" });
  });

  test.each<[string, (tensors: Record<string, WrittenTensor>) => void, RegExp]>([
    ["that lacks a layer", (all) => delete all["features.10.weight"], /lacks block3_conv1/],
    ["that lacks a bias", (all) => delete all["features.2.bias"], /lacks block1_conv2/],
    [
      "of another network",
      (all) => {
        all["features.2.weight"] = { shape: [64], data: new Float32Array(64) };
      },
      /features.2.weight has another shape/,
    ],
    [
      "with numbers that are none",
      (all) => {
        all["features.0.bias"] = { shape: [64], data: new Float32Array(64).fill(Number.NaN) };
      },
      /numbers are none/,
    ],
  ])("a file %s is refused, and nothing is kept", async (_, change, reason) => {
    const { store } = openStore();
    await expect(store.add(torchvision(change))).rejects.toThrow(reason);
    expect(await store.state()).toEqual({ kind: "absent" });
  });
});
