// What the embedders in eight bits do to the decisions of a door: node bench/compression/door.mjs [DIR with set/person/picture]. Single
// pictures, one chip each, all pairs; docs/decisions/compression.md keeps the figures.
import { catalogue } from "../../dist/models/catalogue.js";
import { eightBitRanges } from "../../dist/models/eight-bit-ranges.js";
import { keepBlocked } from "../../dist/models/onnx/blocked.js";
import { quantise } from "../../dist/models/onnx/quantise.js";
import { fusedDistance } from "../../dist/pipeline/matching/fusion.js";
import { euclidean } from "../../dist/pipeline/matching/matrix.js";
import { openOurEngine } from "../lib/setting.mjs";
import { quantile } from "../lib/stats.mjs";
import { build, open } from "./graphs.mjs";
import { labelledPictures, listen } from "./inputs.mjs";

const directory = process.argv[2] ?? "../shared/data/faces";
const sets = ["att", "yale", "faces94", "bbt"];
const thresholds = [0.36, 0.4, 0.43, 0.473];
const rates = [1e-2, 1e-3, 1e-4];

const engine = await openOurEngine();
const { heard, look, forget } = await listen(engine);
const sessions = {};
for (const name of ["dlib", "faceres"]) {
  const folded = await build(catalogue[name], "folded");
  sessions[name] = {
    float32: await open(keepBlocked(folded)),
    int8: await open(quantise(folded, eightBitRanges[name])),
  };
}
const faces = [];
for await (const { set, person, image } of labelledPictures(directory, sets)) {
  forget();
  if (!(await look(image))) continue;
  const vectors = {};
  for (const precision of ["float32", "int8"]) {
    const [dlib, faceres] = [await vectorOf("dlib", precision), unit(await vectorOf("faceres", precision))];
    vectors[precision] = { dlib, faceres };
  }
  faces.push({ set, person, vectors });
}
await engine.close();
process.stderr.write(`${faces.length} photographs of ${new Set(faces.map(({ person }) => person)).size} people\n`);
for (const name of ["dlib", "faceres"]) {
  const moved = faces.map(({ vectors: { float32, int8 } }) => euclidean(float32[name], int8[name]));
  console.log(
    `${name} moved by ${[0.5, 0.99, 1].map((part) => quantile(moved, part).toFixed(3)).join(", ")} (median, 99 %, most)`,
  );
}
for (const isFused of [false, true]) {
  for (const [probe, template] of [
    ["float32", "float32"],
    ["int8", "int8"],
    ["int8", "float32"],
  ])
    report(isFused, probe, template);
}

async function vectorOf(name, precision) {
  return Float32Array.from((await sessions[name][precision].run(heard.get(name)[0])).embedding);
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function report(isFused, probe, template) {
  const all = distances({ isFused, probe, template, counts: () => true });
  const within = distances({ isFused, probe, template, counts: (a, b) => a.set === b.set });
  const percent = (part) => `${(100 * part).toFixed(2)} %`;
  const below = (values, threshold) => values.filter((value) => value < threshold).length / values.length;
  const atRate = ({ genuine, impostor }, rate) => percent(below(genuine, quantile(impostor, rate)));
  const cells = thresholds.map(
    (at) => `${percent(below(all.genuine, at))}, ${below(all.impostor, at).toExponential(1)}`,
  );
  console.log(
    [
      `${isFused ? "fused" : "dlib"}, ${probe} against ${template} (${all.genuine.length}, ${all.impostor.length})`,
      ...cells,
      rates.map((rate) => atRate(all, rate)).join(" / "),
      `within sets ${atRate(within, 1e-3)}`,
    ].join(" | "),
  );
}

function distances({ isFused, probe, template, counts }) {
  const [genuine, impostor] = [[], []];
  for (let a = 0; a < faces.length; a++) {
    for (let b = 0; b < a; b++) {
      if (!counts(faces[a], faces[b])) continue;
      const [p, q] = [faces[a].vectors[probe], faces[b].vectors[template]];
      const first = euclidean(p.dlib, q.dlib);
      const distance = isFused ? fusedDistance(first, euclidean(p.faceres, q.faceres)) : first;
      (faces[a].person === faces[b].person ? genuine : impostor).push(distance);
    }
  }
  return { genuine, impostor };
}
