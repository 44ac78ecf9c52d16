import { describe, expect, test } from "vitest";
import type { Features } from "../../../src/art/features.ts";
import { asTensor, extractFeatures } from "../../../src/art/features.ts";
import { buildLossGraph, ports } from "../../../src/art/graph/loss-graph.ts";
import { layersOf, planLosses } from "../../../src/art/losses.ts";
import type { FeatureNetwork } from "../../../src/art/networks/feature-network.ts";
import { loadMobilenet } from "../../../src/art/networks/mobilenet.ts";
import type { Planes } from "../../../src/art/optimise/adam.ts";
import { type PaintSettingsInput, paintSettings } from "../../../src/art/settings.ts";
import { targetFeeds } from "../../../src/art/targets.ts";
import type { RegionMask } from "../../../src/art/tiles/layer-masks.ts";
import { extractTiled, Tiles } from "../../../src/art/tiles/tiled-features.ts";
import { TiledLosses } from "../../../src/art/tiles/tiled-losses.ts";
import { createOnnxGraphs } from "../../../src/hal/compute/onnx-graphs.ts";
import { encodeOnnx } from "../../../src/models/onnx/encode.ts";
import { convolution, mixedNetwork, networkOf, pooling, randomPlanes } from "../../support/art-networks.ts";

const graphs = createOnnxGraphs({ threads: 1 });

function relativeL2(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let [difference, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  expect(size).toBeGreaterThan(0);
  return Math.sqrt(difference / size);
}

interface Case {
  readonly network: FeatureNetwork;
  readonly size: { readonly width: number; readonly height: number };
  readonly settings?: PaintSettingsInput;
}

/** Targets by chance, and a picture that is neither. */
async function setting({ network, size, settings = {} }: Case) {
  const plan = planLosses(paintSettings.parse({ contentWeight: 0.7, ...settings }), network);
  const [content, style, picture] = [11, 12, 5].map((seed) => randomPlanes(size.width, size.height, seed, 40));
  if (!content || !style || !picture) throw new Error("no pictures");
  const layers = layersOf(plan);
  const [ofContent, ofStyle] = await extractFeatures({ graphs, network, layers }, [content, style]);
  if (!ofContent || !ofStyle) throw new Error("no features");
  return { network, plan, layers, picture, content, targets: { grams: ofStyle.grams, features: ofContent.features } };
}
type Setting = Awaited<ReturnType<typeof setting>>;

async function whole({ network, plan, layers, picture, targets }: Setting) {
  const canvas = { width: picture.width, height: picture.height };
  const session = await graphs.open(encodeOnnx(buildLossGraph(network, layers, canvas)));
  const outputs = await session.run({
    ...targetFeeds({ network, plan, canvas }, targets),
    [ports.pixels]: asTensor(picture),
  });
  await session.close();
  const [content, style] = [outputs[ports.content]?.[0] ?? 0, outputs[ports.style]?.[0] ?? 0];
  return { content, style, gradient: outputs[ports.gradient] ?? new Float32Array(0) };
}

async function tiled(all: Setting, how: { pixelsAtOnce: number; regions?: RegionMask[]; weights?: number[] }) {
  const { plan, layers, picture, targets } = all;
  const { pixelsAtOnce, regions = [undefined], weights = [1] } = how;
  const tiles = new Tiles({ graphs, network: { ...all.network, pixelsAtOnce }, layers, regions }, picture);
  const wanted = { ...targets, grams: regions.map(() => targets.grams), weights };
  const losses = await TiledLosses.open(tiles, plan, wanted);
  const at = async (planes: Planes) => {
    const { gradient, ...rest } = await losses.of(planes);
    return { ...rest, gradient: gradient.slice() };
  };
  return { tiles, at, close: () => losses.close() };
}

const mobilenet = await loadMobilenet();
const cases: [string, Case, number][] = [
  ["every kind of layer", { network: mixedNetwork, size: { width: 160, height: 128 } }, 3 * 112 * 104],
  ["MobileNet to pw7", { network: mobilenet, size: { width: 256, height: 208 } }, 3 * 192 * 208],
  [
    "the content alone",
    { network: mixedNetwork, size: { width: 160, height: 128 }, settings: { mode: "inversion" } },
    3 * 112 * 104,
  ],
  [
    "the style alone",
    { network: mixedNetwork, size: { width: 160, height: 128 }, settings: { mode: "texture" } },
    3 * 112 * 104,
  ],
  ["a dream", { network: mixedNetwork, size: { width: 160, height: 128 }, settings: { mode: "dream" } }, 3 * 112 * 104],
];

describe.each(cases)("window by window, with %s,", (_, each, pixelsAtOnce) => {
  test("losses and gradient are those of the whole picture", async () => {
    const all = await setting(each);
    const [expected, { tiles, at, close }] = [await whole(all), await tiled(all, { pixelsAtOnce })];
    expect(tiles.windows.length).toBeGreaterThan(1);
    const found = await at(all.picture);
    await close();
    expect(found.content).toBeCloseTo(expected.content, 5);
    expect(found.style).toBeCloseTo(expected.style, 5);
    expect(relativeL2(found.gradient, expected.gradient)).toBeLessThan(1e-4);
  });

  test("there is no seam: at the borders of windows the difference is no larger than elsewhere", async () => {
    const all = await setting(each);
    const [expected, { tiles, at, close }] = [await whole(all), await tiled(all, { pixelsAtOnce })];
    const { gradient } = await at(all.picture);
    await close();
    const { width, height } = all.picture;
    const near = (x: number, y: number) =>
      tiles.windows.some(
        ({ own }) => (own.left > 0 && Math.abs(x - own.left) < 3) || (own.top > 0 && Math.abs(y - own.top) < 3),
      );
    const sums = { border: { difference: 0, size: 0 }, elsewhere: { difference: 0, size: 0 } };
    for (let i = 0; i < gradient.length; i++) {
      const sum = sums[near(i % width, Math.floor(i / width) % height) ? "border" : "elsewhere"];
      sum.difference += (gradient[i]! - expected.gradient[i]!) ** 2;
      sum.size += expected.gradient[i]! ** 2;
    }
    const share = ({ difference, size }: { difference: number; size: number }) => Math.sqrt(difference / size);
    expect(sums.border.size).toBeGreaterThan(0);
    expect(share(sums.border)).toBeLessThan(1e-4);
    expect(share(sums.border)).toBeLessThan(10 * share(sums.elsewhere) + 1e-6);
  });
});

test("features and Gram matrices are those of the whole picture", async () => {
  const all = await setting({ network: mixedNetwork, size: { width: 160, height: 128 } });
  const network = { ...mixedNetwork, pixelsAtOnce: 3 * 112 * 104 };
  const { grams, features } = await extractTiled(
    { graphs, network, layers: all.layers, regions: [undefined] },
    all.content,
  );
  const [expected]: (Features | undefined)[] = await extractFeatures({ ...all, graphs }, [all.content]);
  for (const [layer, gram] of expected?.grams ?? [])
    expect(relativeL2(grams[0]?.get(layer) ?? gram, gram)).toBeLessThan(1e-5);
  for (const [layer, planes] of expected?.features ?? [])
    expect(relativeL2(features.get(layer) ?? planes, planes)).toBeLessThan(1e-5);
  expect(features.size).toBe(expected?.features.size);
});

/** Each number of the gradient times one by chance above zero; of size one. */
function uphill(gradient: Float32Array, chance: Float32Array): Float32Array {
  const raw = gradient.map((value, i) => value * Math.abs(chance[i]!));
  const size = Math.sqrt(raw.reduce((sum, value) => sum + value ** 2, 0) / raw.length);
  return raw.map((value) => value / size);
}

/** Without relu6, whose upper bend finite differences would run into. */
const smooth = networkOf([
  convolution("a", [3, 16]),
  convolution("b", [16, 16]),
  pooling("p"),
  convolution("c", [16, 24]),
  convolution("d", [24, 8]),
]);

describe("with masks", () => {
  const size = { width: 64, height: 48 };
  /** Soft from left to right, and what it leaves. */
  const slope = Float32Array.from({ length: size.width * size.height }, (_, i) => (i % size.width) / (size.width - 1));
  const rest = slope.map((value) => 1 - value);

  test("a mask that is white everywhere changes nothing", async () => {
    const all = await setting({ network: mixedNetwork, size });
    const white = new Float32Array(size.width * size.height).fill(1);
    const { at, close } = await tiled(all, { pixelsAtOnce: 1e9, regions: [white] });
    const [expected, found] = [await whole(all), await at(all.picture)];
    await close();
    expect(found.style).toBeCloseTo(expected.style, 5);
    expect(relativeL2(found.gradient, expected.gradient)).toBeLessThan(1e-4);
  });

  test.each([
    ["in one window", 1e9],
    ["in several", 3 * 60 * 48],
  ] as const)(
    "the gradient agrees with finite differences along random directions uphill %s",
    async (_, pixelsAtOnce) => {
      const styleLayers = ["a", "b", "c"].map((layer) => ({ layer, weight: 1 }));
      const settings = { styleLayers, contentLayers: [{ layer: "d", weight: 1 }] };
      const all = await setting({ network: smooth, size, settings });
      const { tiles, at, close } = await tiled(all, { pixelsAtOnce, regions: [slope, rest], weights: [0.3, 0.8] });
      expect(tiles.windows.length > 1).toBe(pixelsAtOnce < 1e9);
      const { gradient } = await at(all.picture);
      for (const seed of [21, 22, 23]) {
        const direction = uphill(gradient, randomPlanes(size.width, size.height, seed, 1).data);
        const step = 2e-2;
        const lossAt = async (sign: number) => {
          const data = all.picture.data.map((value, i) => value + sign * step * direction[i]!);
          const { content, style } = await at({ ...all.picture, data });
          return content + style;
        };
        const measured = ((await lossAt(1)) - (await lossAt(-1))) / (2 * step);
        const predicted = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
        expect(Math.abs(measured - predicted)).toBeLessThan(1e-3 * predicted);
      }
      await close();
    },
  );

  test("where a mask is black the style has no gradient beyond the reach of the layers", async () => {
    const all = await setting({
      network: mixedNetwork,
      size: { width: 256, height: 32 },
      settings: { mode: "texture" },
    });
    const left = Float32Array.from({ length: 256 * 32 }, (_, i) => (i % 256 < 64 ? 1 : 0));
    const { at, close } = await tiled(all, { pixelsAtOnce: 1e9, regions: [left] });
    const { gradient } = await at(all.picture);
    await close();
    const sizeOf = (fits: (x: number) => boolean) =>
      gradient.reduce((sum, value, i) => (fits(i % 256) ? sum + Math.abs(value) : sum), 0);
    expect(sizeOf((x) => x < 64)).toBeGreaterThan(0);
    expect(sizeOf((x) => x >= 128)).toBe(0);
  });
});
