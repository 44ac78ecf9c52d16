// How early drift is told, and how often where there is none: displaced vectors of real photographs (docs/accuracy.md).
// node scripts/self-check/drift.mjs [DRAWS]     some minutes
import { gaussian, seededRandom } from "../../dist/core/random.js";
import { driftOf } from "../../dist/daemon/visits/drift.js";
import { emptyMonth, monthName, withVisit } from "../../dist/daemon/visits/month.js";
import { clopperPearson } from "../../dist/lab/liveness/clopper-pearson.js";
import { faceOf, nearest, percent, readFaces, shuffled } from "./faces.mjs";

const draws = Number(process.argv[2] ?? 5);
const threshold = 0.4;
const enrolled = 3;
const [months, visitsAMonth, looksAVisit] = [24, 20, 3];
/** The second vector moves with the first: pictures of one person are so much further apart in it. */
const secondPerFirst = 1.7;

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
const meanOf = (pictures, name) =>
  pictures[0][name].map((_, i) => pictures.reduce((sum, picture) => sum + picture[name][i], 0) / pictures.length);

/** A way in the space of faces: from one stranger's mean to another's. */
function way(people, own, random) {
  const [a, b] = shuffled(
    [...people.keys()].filter((name) => name !== own),
    random,
  ).map((name) => people.get(name));
  const between = (name) => {
    const to = meanOf(b, name);
    return unit(meanOf(a, name).map((value, i) => value - to[i]));
  };
  return { dlib: between("dlib"), faceres: between("faceres") };
}

function displaced({ dlib, faceres }, { dlib: first, faceres: second }, amount) {
  const moved = faceres.map((value, i) => value + second[i] * amount * secondPerFirst);
  return faceOf({ dlib: dlib.map((value, i) => value + first[i] * amount), faceres: unit(moved) });
}

/** Two years of one person: when a warning came, and when a fifth of a month's visits was refused. */
function live(people, name, { rate, wobble, season, random }) {
  const pictures = shuffled(people.get(name), random);
  const templates = pictures.slice(0, enrolled).map(({ face }) => face);
  const looks = pictures.slice(enrolled);
  const path = way(people, name, random);
  const phase = random() * 2 * Math.PI;
  const book = [];
  const found = { warned: null, refused: null, first: null };
  for (let m = 0; m < months; m++) {
    let month = emptyMonth(monthName(2031 * 12 + m));
    let refusals = 0;
    const here = gaussian(random) * wobble + season * Math.sin((2 * Math.PI * m) / 12 + phase);
    for (let visit = 0; visit < visitsAMonth; visit++) {
      const amount = rate * (m + visit / visitsAMonth) + here;
      let distance = Number.POSITIVE_INFINITY;
      for (let look = 0; look < looksAVisit && !(distance <= threshold); look++) {
        distance = nearest(displaced(looks[Math.floor(random() * looks.length)], path, amount), templates);
      }
      const time = `${month.month}-${String(visit + 1).padStart(2, "0")}T08:00:00Z`;
      if (distance <= threshold) month = withVisit(month, { time, distance, margin: null });
      else refusals++;
    }
    book.push(month);
    if (refusals > 0) found.first ??= m;
    if (refusals >= visitsAMonth / 5) found.refused ??= m;
    if (driftOf(book, threshold) !== null) found.warned ??= m;
  }
  return found;
}

function told(lives, key) {
  const due = lives.filter((life) => life[key] !== null && life[key] >= 5);
  const ahead = due
    .filter(({ warned, [key]: at }) => warned !== null && warned < at)
    .map((life) => life[key] - life.warned);
  const sorted = ahead.sort((p, q) => p - q);
  const at = (part) => sorted[Math.floor(part * sorted.length)] ?? "-";
  return `${ahead.length} of ${due.length}, ${at(0.5)} months ahead (${at(0.25)} to ${at(0.75)})`;
}

for (const [set, people] of await readFaces(["att", "yale", "faces94"])) {
  for (const [what, setting] of [
    ["no drift", { rate: 0, wobble: 0, season: 0 }],
    ["wobble 0.03", { rate: 0, wobble: 0.03, season: 0 }],
    ["wobble 0.10", { rate: 0, wobble: 0.1, season: 0 }],
    ["season 0.10", { rate: 0, wobble: 0.03, season: 0.1 }],
    ["0.02 a month", { rate: 0.02, wobble: 0.03, season: 0 }],
    ["0.03 a month", { rate: 0.03, wobble: 0.03, season: 0 }],
    ["0.05 a month", { rate: 0.05, wobble: 0.03, season: 0 }],
  ]) {
    const random = seededRandom(7);
    const lives = Array.from({ length: draws }, () =>
      [...people.keys()].map((name) => live(people, name, { ...setting, random })),
    ).flat();
    const warned = lives.filter((life) => life.warned !== null).length;
    const range = clopperPearson(warned, lives.length).map(percent).join(" to ");
    console.log(`${set}, ${what}: ${warned} of ${lives.length} warned (${range}); before a fifth of a month's visits`);
    console.log(`  was refused ${told(lives, "refused")}; before the first ${told(lives, "first")}`);
  }
}
