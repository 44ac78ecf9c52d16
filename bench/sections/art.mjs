// Painting: what a step costs beside the features alone, beside the machine's own arithmetic, and beside TensorFlow.js.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { loadMobilenet } from "../../dist/art/networks/mobilenet.js";
import { Adam, freshAdam } from "../../dist/art/optimise/adam.js";
import { tfjsLosses } from "../../dist/lab/art/tfjs-losses.js";
import { encodeOnnx } from "../../dist/models/onnx/encode.js";
import { convolutionFlops, graphs, openLosses, vggShaped } from "../lib/art-setting.mjs";
import { median } from "../lib/stats.mjs";
import { percent, times } from "../lib/table.mjs";

const steps = 200;
const side = 2048;
/** Of all steps of a painting, one in so many goes into the mean of iterates. */
const averagedEvery = 12;
const limits = { ratio: 3.2, share: 0.05, seconds: 38, memoryMb: 1500 };

export async function art({ runs }) {
  const rounds = Math.max(3, Math.round(runs / 20));
  const rows = [
    ...(await mobilenet(rounds)),
    ...(await vgg(256, rounds)),
    ...(await vgg(512, Math.max(3, Math.round(rounds / 2)))),
    memory(),
    ...(await peer()),
  ];
  return {
    title: "Painting",
    text: [
      "Two threads, no pyramid: every step at the size named. A step is the losses with their gradient, total variation and Adam. The features alone are the forward pass to the features and their Gram matrices, of which the losses are made; the chain alone is the layers without them. The Gram matrices of MobileNet's seven style layers take more operations than all its layers.",
      "VGG-19 to conv5_1, with weights by chance (time does not depend on them): floating-point operations of the convolutions, forward and gradient to the input, two for a multiply-add, against the product of two matrices of 2048 x 2048 in the same run. Works alternate in short blocks; medians.",
      "TensorFlow.js runs its plain processor backend, the only one without a browser that has the gradients of all layers; one step of the same losses at the same small size.",
    ],
    columns: ["what", "n", "measured", "budget", ""],
    rows,
  };
}

const row = (what, n, measured, limit, isKept) => [
  what,
  String(n),
  measured,
  limit ?? "-",
  limit === undefined ? "" : isKept ? "kept" : "MISSED",
];
const ms = (value) => `${value.toFixed(1)} ms`;

/**
 * Times works in short blocks, A A A B B B A A A …: a graph's own memory is warm in its caches, as it is while painting, and whatever else
 * the machine does still meets all alike. The first run of a block is thrown away.
 */
async function inBlocks(works, { rounds, block = 4 }) {
  const found = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      await work();
      for (let i = 0; i < block; i++) {
        const start = performance.now();
        await work();
        found[name].push(performance.now() - start);
      }
    }
  }
  return found;
}

async function mobilenet(rounds) {
  const network = await loadMobilenet();
  const size = { width: 512, height: 512 };
  const losses = await openLosses(network, size);
  const adam = new Adam(freshAdam(losses.picture.data), size);
  const bounds = network.mean.map((mean) => [-mean, 255 - mean]);
  const { gradient } = await losses.step();
  let count = 0;
  const update = (own) => {
    const averaged = ++count % averagedEvery === 0 ? 1 : 0;
    adam.step(own, { step: count, rate: 1e-3, averaged, bounds, totalVariation: 1e-9 });
  };
  const works = {
    chain: losses.chain,
    features: losses.features,
    step: async () => update((await losses.step()).gradient),
    update: async () => update(gradient),
  };
  const found = await inBlocks(works, { rounds });
  const [chain, features, step, own] = ["chain", "features", "step", "update"].map((name) => median(found[name]));
  const start = performance.now();
  for (let i = 0; i < steps; i++) await works.step();
  const seconds = (performance.now() - start) / 1000;
  await losses.close();
  const n = found.step.length;
  return [
    row("MobileNet 512 px: chain alone", n, ms(chain)),
    row("MobileNet 512 px: features alone", n, ms(features)),
    row("MobileNet 512 px: a step", n, ms(step)),
    row("a step against the chain alone", n, times(step / chain)),
    row(
      "a step against the features alone",
      n,
      times(step / features),
      `${limits.ratio}x`,
      step / features <= limits.ratio,
    ),
    row(
      "Adam and total variation in a step",
      n,
      percent(own / step),
      percent(limits.share),
      own / step <= limits.share,
    ),
    row(
      `MobileNet 512 px: ${steps} steps`,
      1,
      `${seconds.toFixed(1)} s`,
      `${limits.seconds} s`,
      seconds < limits.seconds,
    ),
  ];
}

async function vgg(size, rounds) {
  const network = vggShaped();
  const losses = await openLosses(network, { width: size, height: size });
  const product = await openProduct();
  const works = { product: product.run, features: losses.features, step: async () => void (await losses.step()) };
  const found = await inBlocks(works, { rounds, block: 2 });
  await losses.close();
  await product.close();
  const [step, features, one] = [median(found.step), median(found.features), median(found.product)];
  const rate = convolutionFlops(network, { width: size, height: size }) / step / 1e6;
  const yardstick = (2 * side ** 3) / one / 1e6;
  const n = found.step.length;
  const name = `VGG-19 ${size} px`;
  return [
    row(`${name}: a step`, n, ms(step)),
    row(
      `${name}: a step against the features alone`,
      n,
      times(step / features),
      `${limits.ratio}x`,
      step / features <= limits.ratio,
    ),
    row(`${name}: rate; the product's`, n, `${rate.toFixed(0)}; ${yardstick.toFixed(0)} GFLOP/s`),
    row(`${name}: share of the product's rate`, n, percent(rate / yardstick), "at least 100 %", rate >= yardstick),
  ];
}

async function openProduct() {
  const values = () => Float32Array.from({ length: side * side }, (_, i) => Math.sin(i));
  const shape = [side, side];
  const model = {
    name: "product",
    inputs: [{ name: "a", shape }],
    outputs: [{ name: "c", shape }],
    nodes: [{ op: "MatMul", inputs: ["a", "b"], output: "c", attributes: {} }],
    constants: new Map([["b", { shape, data: values() }]]),
  };
  const session = await graphs.open(encodeOnnx(model));
  const a = { shape, data: values() };
  return { run: async () => void (await session.run({ a })), close: () => session.close() };
}

function memory() {
  const script = fileURLToPath(new URL("../lib/paint-large.mjs", import.meta.url));
  const child = spawnSync(process.execPath, [script], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`painting 1080p failed: ${child.stderr}`);
  const { width, height, maxRssMb } = JSON.parse(child.stdout);
  return row(
    `MobileNet ${width} x ${height}: memory at most`,
    1,
    `${maxRssMb.toFixed(0)} MB`,
    `${limits.memoryMb} MB`,
    maxRssMb < limits.memoryMb,
  );
}

async function peer() {
  const network = await loadMobilenet();
  const size = { width: 96, height: 96 };
  const losses = await openLosses(network, size);
  const own = await inBlocks({ step: async () => void (await losses.step()) }, { rounds: 3 });
  await tfjsLosses({ network, plan: losses.plan, targets: losses.targets }, losses.picture);
  const start = performance.now();
  await tfjsLosses({ network, plan: losses.plan, targets: losses.targets }, losses.picture);
  const theirs = performance.now() - start;
  await losses.close();
  const ours = median(own.step);
  return [
    row("MobileNet 96 px: a step, TensorFlow.js", 1, ms(theirs)),
    row("MobileNet 96 px: a step, ours", own.step.length, `${ms(ours)} (${times(theirs / ours)})`),
  ];
}
