import { describe, expect, test } from "vitest";
import { asTensor, extractFeatures } from "../../../src/art/features.ts";
import { buildLossGraph, ports } from "../../../src/art/graph/loss-graph.ts";
import type { GraphOptions } from "../../../src/art/graph-runtime.ts";
import { type LossPlan, layersOf, planLosses } from "../../../src/art/losses.ts";
import type { FeatureNetwork } from "../../../src/art/networks/feature-network.ts";
import { loadMobilenet } from "../../../src/art/networks/mobilenet.ts";
import type { Planes } from "../../../src/art/optimise/adam.ts";

import { paintSettings } from "../../../src/art/settings.ts";
import { type Targets, targetFeeds } from "../../../src/art/targets.ts";
import { createOnnxGraphs } from "../../../src/hal/compute/onnx-graphs.ts";
import { tfjsLosses } from "../../../src/lab/art/tfjs-losses.ts";
import { encodeOnnx } from "../../../src/models/onnx/encode.ts";
import { convolution, mixedNetwork, networkOf, pooling, randomPlanes } from "../../support/art-networks.ts";

const graphs = createOnnxGraphs({ threads: 1 });

async function targetsOf(network: FeatureNetwork, plan: LossPlan, size: { width: number; height: number }) {
  const layers = layersOf(plan);
  const pictures = [randomPlanes(size.width, size.height, 11, 40), randomPlanes(size.width, size.height, 12, 40)];
  const [content, style] = await extractFeatures({ graphs, network, layers }, pictures);
  return { grams: style?.grams ?? new Map(), features: content?.features ?? new Map() } satisfies Targets;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

async function openLosses(
  network: FeatureNetwork,
  plan: LossPlan,
  { sparesMemory = false, ...size }: Size & GraphOptions,
) {
  const targets = await targetsOf(network, plan, size);
  const feeds = targetFeeds({ network, plan, canvas: size }, targets);
  const session = await graphs.open(encodeOnnx(buildLossGraph(network, layersOf(plan), { ...size, sparesMemory })), {
    sparesMemory,
  });
  const run = async (picture: Planes) => {
    const outputs = await session.run({ ...feeds, [ports.pixels]: asTensor(picture) });
    return {
      content: outputs[ports.content]?.[0] ?? Number.NaN,
      style: outputs[ports.style]?.[0] ?? Number.NaN,
      gradient: outputs[ports.gradient] ?? new Float32Array(0),
    };
  };
  return { targets, run, close: () => session.close() };
}

/** |a - b| / |b|, Euclidean. */
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

const vggLike = networkOf([
  convolution("a", [3, 16]),
  convolution("b", [16, 16]),
  pooling("p"),
  convolution("c", [16, 24]),
]);
const networks: [string, () => Promise<FeatureNetwork>, { width: number; height: number }][] = [
  ["every kind of layer", async () => mixedNetwork, { width: 32, height: 24 }],
  ["convolutions and a mean of 2 x 2", async () => vggLike, { width: 18, height: 14 }],
  [
    "one wide convolution",
    async () => networkOf([convolution("a", [3, 8], { kernelSize: 5 })]),
    { width: 12, height: 8 },
  ],
  ["one on odd sides", async () => networkOf([convolution("a", [3, 8])]), { width: 11, height: 8 }],
  ["MobileNet to pw7", loadMobilenet, { width: 48, height: 32 }],
];
const modes = ["style", "texture", "inversion"] as const;

describe.each(networks)("the gradient graph of %s", (_, load, size) => {
  test.each(modes)("agrees with automatic differentiation in the mode %s", async (mode) => {
    const network = await load();
    const plan = planLosses(paintSettings.parse({ mode, contentWeight: 0.7 }), network);
    const losses = await openLosses(network, plan, size);
    const picture = randomPlanes(size.width, size.height, 5, 40);
    const ours = await losses.run(picture);
    const theirs = await tfjsLosses({ network, plan, targets: losses.targets }, picture);
    await losses.close();
    expect(ours.content).toBeCloseTo(theirs.content, 4);
    expect(ours.style).toBeCloseTo(theirs.style, 4);
    expect(relativeL2(ours.gradient, theirs.gradient)).toBeLessThan(1e-3);
  });
});

test("with losses on a mean of 2 x 2 the gradient agrees with automatic differentiation too", async () => {
  const pools = [
    { layer: "p", weight: 1 },
    { layer: "b", weight: 1 },
  ];
  const network = { ...vggLike, defaults: { ...vggLike.defaults, contentLayers: pools, styleLayers: pools } };
  const plan = planLosses(paintSettings.parse({ contentWeight: 0.7 }), network);
  const losses = await openLosses(network, plan, { width: 18, height: 14 });
  const picture = randomPlanes(18, 14, 5, 40);
  const ours = await losses.run(picture);
  const theirs = await tfjsLosses({ network, plan, targets: losses.targets }, picture);
  await losses.close();
  expect(relativeL2(ours.gradient, theirs.gradient)).toBeLessThan(1e-3);
});

test("sparing memory does not change the gradient", async () => {
  const network = await loadMobilenet();
  const plan = planLosses(paintSettings.parse({}), network);
  const picture = randomPlanes(48, 32, 5, 40);
  const [plain, sparing] = await Promise.all(
    [false, true].map(async (sparesMemory) => {
      const losses = await openLosses(network, plan, { width: 48, height: 32, sparesMemory });
      const { gradient } = await losses.run(picture);
      await losses.close();
      return gradient;
    }),
  );
  expect(relativeL2(sparing ?? new Float32Array(0), plain ?? new Float32Array(0))).toBeLessThan(1e-4);
});

test("the gradient graph agrees with finite differences along random directions", async () => {
  const size = { width: 32, height: 24 };
  const plan = planLosses(paintSettings.parse({}), mixedNetwork);
  const losses = await openLosses(mixedNetwork, plan, size);
  const picture = randomPlanes(size.width, size.height, 5, 40);
  const { gradient } = await losses.run(picture);
  for (const seed of [21, 22, 23]) {
    const direction = randomPlanes(size.width, size.height, seed, 1).data;
    const step = 2e-2;
    const at = async (sign: number) => {
      const data = picture.data.map((value, i) => value + sign * step * direction[i]!);
      const { content, style } = await losses.run({ ...picture, data });
      return content + style;
    };
    const measured = ((await at(1)) - (await at(-1))) / (2 * step);
    const predicted = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    expect(Math.abs(measured - predicted)).toBeLessThan(0.02 * Math.abs(predicted) + 1e-5);
  }
  await losses.close();
});
