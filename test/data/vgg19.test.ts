import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import hdf5 from "h5wasm/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asTensor, extractFeatures } from "../../src/art/features.ts";
import { buildLossGraph, ports } from "../../src/art/graph/loss-graph.ts";
import { layersOf, planLosses } from "../../src/art/losses.ts";
import { loadVgg19 } from "../../src/art/networks/vgg19.ts";
import { paintSettings } from "../../src/art/settings.ts";
import { targetFeeds } from "../../src/art/targets.ts";
import { createOnnxGraphs } from "../../src/hal/compute/onnx-graphs.ts";
import { tfjsLosses } from "../../src/lab/art/tfjs-losses.ts";
import { encodeOnnx } from "../../src/models/onnx/encode.ts";
import { denseKernel } from "../../src/models/onnx/relayout.ts";
import { vgg19Convolutions, weightBytes } from "../../src/models/vgg19.ts";
import { Vgg19Store } from "../../src/models/vgg19-store.ts";
import { randomPlanes } from "../support/art-networks.ts";
import { openStudio, quick } from "../support/art-studio.ts";
import { safetensorsFile, type WrittenTensor } from "../support/safetensors-file.ts";
import { sharedData } from "../support/shared-data.ts";

const source = join(sharedData, "vgg19");
const isMissing = !existsSync(join(source, "model.json"));

describe.skipIf(isMissing)("VGG-19 (needs its shards beside the project: set LINTEL_SHARED)", () => {
  const studio = openStudio();
  const store = new Vgg19Store({ cacheDirectory: studio.folder });
  beforeAll(async () => {
    await store.add(source);
  });
  afterAll(() => studio.close());

  test("the folder and its model.json give the known first eight convolutions", async () => {
    const own = openStudio();
    const fromJson = await new Vgg19Store({ cacheDirectory: own.folder }).add(join(source, "model.json"));
    own.close();
    expect(fromJson).toMatchObject({ kind: "installed", convolutions: 8 });
    expect((await store.read()).sha256).toBe(fromJson.sha256);
  });

  test("the same weights in Keras' HDF5 layout are the same network", async () => {
    await hdf5.ready;
    const file = studio.file("vgg19.h5");
    const written = new hdf5.File(file, "w");
    const { weights } = await store.read();
    const numbers = new Float32Array(Uint8Array.from(weights).buffer);
    let at = 0;
    const take = (count: number) => {
      at += count;
      return numbers.slice(at - count, at);
    };
    for (const { block, position, inputs, outputs } of vgg19Convolutions.slice(0, 8)) {
      const name = `block${block}_conv${position}`;
      const group = written.create_group(name);
      group.create_dataset({ name: `${name}_W_1:0`, data: take(9 * inputs * outputs), shape: [3, 3, inputs, outputs] });
      group.create_dataset({ name: `${name}_b_1:0`, data: take(outputs), shape: [outputs] });
    }
    written.close();
    const own = openStudio();
    const added = await new Vgg19Store({ cacheDirectory: own.folder }).add(file);
    own.close();
    expect(added.sha256).toBe((await store.read()).sha256);
  });

  test.each(["F32", "F16"] as const)(
    "the same weights in safetensors as %s, under torchvision's names, give the same features",
    async (dtype) => {
      const { weights } = await store.read();
      const numbers = new Float32Array(Uint8Array.from(weights).buffer);
      const tensors: Record<string, WrittenTensor> = {};
      const places = [0, 2, 5, 7, 10, 12, 14, 16];
      for (const [index, { inputs, outputs }] of vgg19Convolutions.slice(0, 8).entries()) {
        const [from, middle] = [weightBytes(index) / 4, weightBytes(index) / 4 + 9 * inputs * outputs];
        const data = denseKernel({ shape: [3, 3, inputs, outputs], data: numbers.subarray(from, middle) });
        tensors[`features.${places[index]}.weight`] = { shape: [outputs, inputs, 3, 3], data, dtype };
        tensors[`features.${places[index]}.bias`] = {
          shape: [outputs],
          data: numbers.slice(middle, middle + outputs),
          dtype,
        };
      }
      const file = studio.file(`vgg19-${dtype}.safetensors`);
      writeFileSync(file, safetensorsFile(tensors));
      const own = openStudio();
      const added = await new Vgg19Store({ cacheDirectory: own.folder }).add(file);
      // Only the very same numbers are known by their hash.
      expect(added.release).toBe(dtype === "F32" ? "oxford" : "torchvision");
      const [theirs, ours] = await Promise.all([loadVgg19(studio.folder), loadVgg19(own.folder)]);
      own.close();
      const kernels = (network: typeof ours) =>
        network.layers.flatMap((layer) => (layer.kind === "convolution" ? [layer.kernel] : []));
      if (dtype === "F32") expect(ours).toEqual(theirs);
      for (const [i, kernel] of kernels(ours).entries()) {
        if (i === 0) continue;
        const wanted = kernels(theirs)[i] ?? kernel;
        const gap = kernel.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at]!)), 0);
        expect(gap).toBeLessThan(dtype === "F32" ? 1e-12 : 1e-3);
      }
    },
  );

  test("shards with a changed number are refused, and so is a folder that lacks one", async () => {
    const folder = studio.file("changed");
    mkdirSync(folder);
    cpSync(source, folder, { recursive: true });
    const shard = join(folder, "group3-shard1of1");
    const bytes = readFileSync(shard);
    const changed = Uint8Array.from(bytes, (byte, i) => (i === 1000 ? byte ^ 1 : byte));
    rmSync(shard);
    writeFileSync(shard, changed);
    const own = new Vgg19Store({ cacheDirectory: studio.file("nowhere") });
    await expect(own.add(folder)).rejects.toThrow(/are not those of VGG-19/);
    await expect(own.add(studio.folder)).rejects.toMatchObject({ code: "LINTEL_E_UNREADABLE" });
    expect(await own.state()).toEqual({ kind: "absent" });
  });

  test("a damaged file in the store is told of, not painted with", async () => {
    const own = openStudio();
    const damaged = new Vgg19Store({ cacheDirectory: own.folder });
    await damaged.add(source);
    const file = join(own.folder, "installed", "vgg19.model");
    writeFileSync(file, readFileSync(file).subarray(0, 5000));
    await expect(damaged.read()).rejects.toMatchObject({ code: "LINTEL_E_MODEL", message: /damaged/ });
    expect(await damaged.remove()).toBe(true);
    own.close();
  });

  test("its gradient agrees with automatic differentiation", async () => {
    const graphs = createOnnxGraphs({ threads: 2 });
    const network = await loadVgg19(studio.folder);
    const plan = planLosses(paintSettings.parse({}), network);
    const size = { width: 24, height: 16 };
    const layers = layersOf(plan);
    const pictures = [1, 2, 3].map((seed) => randomPlanes(size.width, size.height, seed, 40));
    const [content, style] = await extractFeatures({ graphs, network, layers }, pictures);
    const picture = pictures[2];
    if (!content || !style || !picture) throw new Error("no features");
    const targets = { grams: style.grams, features: content.features };
    const session = await graphs.open(encodeOnnx(buildLossGraph(network, layers, size)));
    const feeds = targetFeeds({ network, plan, canvas: size }, targets);
    const ours = await session.run({ ...feeds, [ports.pixels]: asTensor(picture) });
    await session.close();
    const theirs = await tfjsLosses({ network, plan, targets }, picture);
    const gradient = ours[ports.gradient] ?? new Float32Array(0);
    const gap = Math.hypot(...gradient.map((value, i) => value - theirs.gradient[i]!));
    expect(gap / Math.hypot(...theirs.gradient)).toBeLessThan(1e-3);
  });

  test("it paints", async () => {
    const content = await studio.draw("content.png");
    const style = await studio.draw("style.png", { width: 80, height: 80, seed: 4 });
    const inputs = { content: { file: content }, styles: [{ file: style, weight: 1 }] };
    const { provenance } = await studio.painter.paint(quick({ network: "vgg19", size: 64, steps: 30 }), inputs);
    expect(provenance.fidelity.styleDistance).toBeLessThan(0.15);
    expect(provenance.network).toMatchObject({ name: "vgg19", licence: "CC-BY-4.0 (Oxford VGG)" });
  });
});
