// Measures recognition anew on the photographs beside the project (LINTEL_SHARED, else ../shared): prints the statistics for
// src/pipeline/calibration/shipped-statistics.ts and writes the tables of docs/accuracy.md. Some minutes.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { acquireAll } from "../dist/lab/evaluate/acquire.js";
import { fused } from "../dist/lab/evaluate/comparison.js";
import { evaluatePeople } from "../dist/lab/evaluate/evaluate.js";
import { openFaceSource } from "../dist/lab/evaluate/face-source.js";
import { readSets } from "../dist/lab/evaluate/inputs.js";
import { setStatistics } from "../dist/lab/evaluate/statistics.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const faces = join(resolve(process.env.LINTEL_SHARED ?? join(root, "..", "shared")), "data", "faces");
const sets = ["att", "yale", "faces94"];
const { source: networks, close } = await openFaceSource("fused", join(tmpdir(), "lintel-accuracy-models"));

const seen = new Map();
const source = {
  analyse: (image) => {
    const key = createHash("sha256").update(image.rgb).digest("hex");
    if (!seen.has(key)) seen.set(key, networks.analyse(image));
    return seen.get(key);
  },
};

const pooled = {};
for (const embedder of ["dlib", "faceres", "fused"])
  pooled[embedder] = await evaluatePeople(faces, { source, embedder, sets });
const bbt = await evaluatePeople(join(faces, "bbt"), { source, embedder: "fused" });

const statistics = [];
for (const { name, people } of await readSets(faces, sets)) {
  const files = people.flatMap((person) => person.files);
  const acquired = await acquireAll(source, { root: faces, files }, () => undefined);
  const faceOf = (file) => fused.faceOf(acquired.get(file)?.embeddings ?? []);
  const ofPeople = people.map((person) => person.files.map(faceOf).filter((face) => face !== null));
  statistics.push(setStatistics(name, ofPeople, fused.distance));
}
await close();
console.log(JSON.stringify(statistics, null, 2));

const percent = (rate) => (rate === null ? "-" : `${(rate * 100).toFixed(rate < 0.001 && rate > 0 ? 3 : 2)} %`);
const range = ([low, high]) => `${percent(low)} to ${percent(high)}`;
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const ratesOf = ({ genuine, impostor, eer, fnmrAtFmr }) => [
  genuine.toLocaleString("en-GB"),
  impostor.toLocaleString("en-GB"),
  percent(eer),
  ...["1e-2", "1e-3", "1e-4"].map((fmr) => percent(fnmrAtFmr[fmr])),
];
const head = ["", "genuine", "impostor", "EER", "FNMR at FMR 1e-2", "1e-3", "1e-4"];
const measured = [
  "### Pairs",
  "",
  table(head, [
    ...Object.entries(pooled).map(([name, report]) => [`${name}, three sets pooled`, ...ratesOf(report)]),
    ...Object.entries(pooled).map(([name, report]) => [`${name}, within sets only`, ...ratesOf(report.withinSets)]),
    ...pooled.fused.sets.map((set) => [`fused, ${set.name}`, ...ratesOf(set)]),
    ["fused, bbt", ...ratesOf(bbt)],
  ]),
  "",
  `Fused and pooled: EER ${percent(pooled.fused.eer)} (${range(pooled.fused.intervals.eer)}, people drawn again), FNMR ${range(pooled.fused.intervals.fnmrAtFmr["1e-3"])} at 1e-3 (Wilson, which takes pairs for independent). Rank-1 with one picture each: pooled ${percent(pooled.fused.rank1)}, bbt ${percent(bbt.rank1)} (${range(bbt.intervals.rank1)}). Failure to acquire: ${percent(pooled.fused.fta)} (${range(pooled.fused.intervals.fta)}).`,
  "",
  "### A calibrated door",
  "",
  "Half of the people enrolled with three pictures each, the other half walk up; 20 seeded splits by person, single looks.",
  "",
  table(
    ["set", "people enrolled", "target FPIR", "threshold", "strangers accepted", "enrolled refused"],
    pooled.fused.openSet.flatMap(({ name, galleryPeople, strangerPictures, rows }) =>
      rows.map((row) => [
        name,
        galleryPeople,
        row.targetFpir,
        row.threshold.toFixed(3),
        row.fpir === null
          ? `not measurable with n = ${strangerPictures}`
          : `${percent(row.fpir)} (${range(row.fpirInterval)})`,
        `${percent(row.fnir)} (${range(row.fnirInterval)})`,
      ]),
    ),
  ),
].join("\n");

const file = join(root, "docs", "accuracy.md");
const [begin, end] = ["<!-- measured: begin -->", "<!-- measured: end -->"];
const text = readFileSync(file, "utf8");
const before = text.slice(0, text.indexOf(begin) + begin.length);
writeFileSync(file, `${before}\n\n${measured}\n\n${text.slice(text.indexOf(end))}`);
