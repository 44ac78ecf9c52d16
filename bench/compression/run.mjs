// What compressing the embedder costs and gives: node bench/compression/run.mjs [DIR with set/person/picture]. docs/decisions/compression.md
// keeps the figures. Calibrated on the simulated cast alone, judged on labelled photographs.
import { dlib } from "../../dist/models/dlib.js";
import { keepBlocked } from "../../dist/models/onnx/blocked.js";
import { quantise } from "../../dist/models/onnx/quantise.js";
import { euclidean } from "../../dist/pipeline/matching/matrix.js";
import { openOurEngine } from "../lib/setting.mjs";
import { inTurn, median, ratio } from "../lib/stats.mjs";
import { build, floats, open, withEverythingSeen } from "./graphs.mjs";
import { inHalf } from "./half.mjs";
import { castPictures, labelledPictures, listen } from "./inputs.mjs";
import { observe } from "./observe.mjs";
import { prune } from "./prune.mjs";

const directory = process.argv[2] ?? "../shared/data/faces";
const sets = ["att", "yale", "faces94", "bbt"];
const fmr = 1e-3;

const engine = await openOurEngine();
const { networks, heard, look, forget } = await listen(engine);
const pictures = await castPictures(networks);
forget();
for (const picture of pictures) await look(picture);
const calibration = [...heard.get("dlib")];
const labelled = [];
for await (const { image, ...whose } of labelledPictures(directory, sets)) {
  forget();
  if (await look(image)) labelled.push({ ...whose, chip: heard.get("dlib")[0] });
}
process.stderr.write(`${calibration.length} calibration chips, ${labelled.length} labelled photographs\n`);

const folded = await build(dlib, "folded");
const variants = await makeVariants();
const sessions = {};
for (const [name, graph] of Object.entries(variants)) sessions[name] = await open(graph);
const probe = calibration[0];
const times = await inTurn(
  Object.fromEntries(Object.entries(sessions).map(([name, session]) => [name, () => session.run(probe)])),
  { rounds: 40, warmUps: 5 },
);
console.log(
  "variant | p50 ms | times faster | MB | vector moved by, median | TAR at FMR 1e-3 pooled (threshold) | within sets",
);
let reference;
for (const [name, session] of Object.entries(sessions)) {
  const vectors = [];
  for (const { chip } of labelled) vectors.push(Float32Array.from((await session.run(chip)).embedding));
  reference ??= vectors;
  const moved = median(vectors.map((vector, n) => euclidean(vector, reference[n])));
  const { tar, threshold } = trueAccepts(vectors, () => true);
  const within = trueAccepts(vectors, (a, b) => a.set === b.set);
  const faster = ratio(times["float32 blocked"], times[name]).toFixed(2);
  console.log(
    `${name} | ${median(times[name]).toFixed(2)} | ${faster} | ${(session.bytes / 1e6).toFixed(1)} | ${moved.toFixed(4)} | ` +
      `${(100 * tar).toFixed(2)} % (${threshold.toFixed(3)}) | ${(100 * within.tar).toFixed(2)} %`,
  );
}
for (const session of Object.values(sessions)) await session.close();
await engine.close();

async function makeVariants() {
  const found = {
    "float32 blocked": keepBlocked(folded),
    "float32 folded": folded,
    "float16 weights": keepBlocked(inHalf(folded)),
  };
  for (const outermost of [0, 1e-4, 1e-3]) {
    const ranges = await observe(folded, calibration.slice(0, 40), { openGraph: open, outermost });
    found[`int8, ranges without ${outermost}`] = quantise(folded, ranges);
  }
  const { means, spreads } = await channelStatistics(folded, calibration);
  for (const part of [0.125, 0.25, 0.5]) {
    found[`filters pruned by ${100 * part} %`] = keepBlocked(prune(folded, { means, spreads, part }).graph);
  }
  return found;
}

/** Mean and standard deviation of every channel of every activation. */
async function channelStatistics(graph, inputs) {
  const session = await open(withEverythingSeen(graph));
  const [means, spreads] = [new Map(), new Map()];
  const relus = graph.nodes.filter(({ op }) => op === "Relu");
  const sums = new Map();
  for (const input of inputs) {
    const values = await session.run(input);
    for (const {
      output,
      inputs: [from],
    } of relus) {
      const conv = graph.nodes.find((node) => node.output === from && node.op === "Conv");
      if (!conv) continue;
      const channels = floats(graph, conv.inputs[1]).shape[0];
      const own = sums.get(output) ?? {
        count: 0,
        sum: new Float64Array(channels),
        squares: new Float64Array(channels),
      };
      const each = values[output].length / channels;
      values[output].forEach((value, i) => {
        const c = Math.floor(i / each);
        own.sum[c] += value;
        own.squares[c] += value * value;
      });
      own.count += each;
      sums.set(output, own);
    }
  }
  for (const [name, { count, sum, squares }] of sums) {
    means.set(
      name,
      sum.map((value) => value / count),
    );
    spreads.set(
      name,
      squares.map((value, c) => Math.sqrt(Math.max(0, value / count - (sum[c] / count) ** 2))),
    );
  }
  await session.close();
  return { means, spreads };
}

/** Part of the genuine pairs below the distance at which this part of the impostor pairs lies. */
function trueAccepts(vectors, counts) {
  const [genuine, impostor] = [[], []];
  for (let a = 0; a < vectors.length; a++) {
    for (let b = 0; b < a; b++) {
      if (!counts(labelled[a], labelled[b])) continue;
      (labelled[a].person === labelled[b].person ? genuine : impostor).push(euclidean(vectors[a], vectors[b]));
    }
  }
  const sorted = Float64Array.from(impostor).sort();
  const threshold = sorted[Math.floor(sorted.length * fmr)];
  return { threshold, tar: genuine.filter((distance) => distance < threshold).length / genuine.length };
}
