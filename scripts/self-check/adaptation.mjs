// What adapted templates bring on real photographs, and whether strangers who are let in by force leave a look behind
// (docs/decisions/adaptation.md).
// node scripts/self-check/adaptation.mjs [THRESHOLD] [SPLITS]     some minutes
import { seededRandom } from "../../dist/core/random.js";
import { adaptationLimits, decideAdaptation } from "../../dist/daemon/adaptation/decide.js";
import { nearest, percent, readFaces, shuffled } from "./faces.mjs";

const threshold = Number(process.argv[2] ?? 0.4);
const splits = Number(process.argv[3] ?? 10);
const days = 250;
const dayOf = (n) => new Date(Date.UTC(2031, 0, 1 + n)).toISOString().slice(0, 10);

/** One visit a day, each let in whatever its distance. */
function live({ templates, others, looks }, random) {
  const known = looks.map((face) => ({ face, own: nearest(face, templates), other: nearest(face, others) }));
  const adapted = [];
  let adaptedOn = [];
  let candidate = null;
  let proposals = 0;
  for (let n = 0; n < days; n++) {
    const { face, own, other } = known[Math.floor(random() * known.length)];
    if (!(own <= adaptationLimits.farthest)) continue;
    const day = dayOf(n);
    const waits = candidate && {
      toVisit: nearest(face, [candidate.face]),
      toEnrolled: nearest(candidate.face, templates),
      toOther: nearest(candidate.face, others),
    };
    const facts = { day, distance: own, nearestOwn: Math.min(own, nearest(face, adapted)), nearestOther: other };
    const step = decideAdaptation({ ...facts, threshold, doubt: null, candidate: waits }, { candidate, adaptedOn });
    if (step.kind === "propose") {
      candidate = { face, since: day, confirmed: 0, lastDay: day };
      proposals++;
    } else if (step.kind === "confirm") candidate = { ...candidate, confirmed: candidate.confirmed + 1, lastDay: day };
    else if (step.kind === "discard") candidate = null;
    else if (step.kind === "adopt") {
      adapted.push(candidate.face);
      adaptedOn = [...adaptedOn, day].slice(-adaptationLimits.mostAdapted);
      if (step.retires) adapted.shift();
      candidate = null;
    }
  }
  return { adapted, proposals };
}

/** Half of the people enrolled, half of their other pictures visits, the rest looks nobody saw; the other half strangers. */
function split(people, enrolled, random) {
  const names = shuffled(
    [...people.keys()].filter((name) => people.get(name).length >= enrolled + 4),
    random,
  );
  const half = Math.ceil(names.length / 2);
  const owners = names.slice(0, half).map((name) => {
    const faces = shuffled(people.get(name), random).map(({ face }) => face);
    const visits = enrolled + Math.ceil((faces.length - enrolled) / 2);
    return {
      name,
      templates: faces.slice(0, enrolled),
      looks: faces.slice(enrolled, visits),
      unseen: faces.slice(visits),
    };
  });
  const strangers = names.slice(half).map((name) => people.get(name).map(({ face }) => face));
  return { owners, strangers };
}

function measure(people, enrolled) {
  const random = seededRandom(11);
  const found = { unseen: [], strangers: [], lives: 0, adapted: 0, poison: 0, poisoned: 0 };
  for (let n = 0; n < splits; n++) {
    const { owners, strangers } = split(people, enrolled, random);
    for (const owner of owners) {
      owner.others = owners.filter((one) => one !== owner).flatMap(({ templates }) => templates);
      owner.adapted = live(owner, random).adapted;
      found.lives++;
      if (owner.adapted.length > 0) found.adapted++;
      for (const face of owner.unseen) {
        const before = nearest(face, owner.templates);
        found.unseen.push({ person: owner.name, before, after: Math.min(before, nearest(face, owner.adapted)) });
      }
      for (const looks of strangers) {
        found.poison++;
        if (live({ ...owner, looks }, random).proposals > 0) found.poisoned++;
      }
    }
    const all = owners.flatMap(({ templates }) => templates);
    const more = owners.flatMap(({ adapted }) => adapted);
    for (const face of strangers.flat()) {
      const before = nearest(face, all);
      found.strangers.push({ before, after: Math.min(before, nearest(face, more)) });
    }
  }
  return found;
}

const within = (list, key, limit) => list.filter((one) => one[key] <= limit).length / list.length;
const limitAt = (list, key, part) =>
  list.map((one) => one[key]).sort((p, q) => p - q)[Math.floor(part * list.length)] - 1e-9;

/** 95 % of the differences (with less without) when people are drawn again. */
function interval(unseen, [before, after]) {
  const random = seededRandom(3);
  const people = [...new Set(unseen.map(({ person }) => person))].map((name) =>
    unseen.filter(({ person }) => person === name),
  );
  const drawn = Array.from({ length: 1000 }, () => {
    const some = people.flatMap(() => people[Math.floor(random() * people.length)]);
    return within(some, "before", before) - within(some, "after", after);
  }).sort((p, q) => p - q);
  return `${percent(drawn[25])} to ${percent(drawn[974])}`;
}

for (const [set, people] of await readFaces(["att", "yale", "faces94", "umist"])) {
  for (const enrolled of [1, 3]) {
    const { unseen, strangers, lives, adapted, poison, poisoned } = measure(people, enrolled);
    const said = (limits) => {
      const refused = ["before", "after"].map((key, i) => percent(1 - within(unseen, key, limits[i])));
      return `refused ${refused.join(", ")} of ${unseen.length} (${interval(unseen, limits)})`;
    };
    const letIn = ["before", "after"].map((key) => percent(within(strangers, key, threshold))).join(", ");
    const equal = ["before", "after"].map((key) => limitAt(strangers, key, 0.01));
    console.log(`${set}, ${enrolled} enrolled: ${adapted} of ${lives} people adapted at ${threshold}`);
    console.log(`  ${said([threshold, threshold])}; strangers ${letIn} of ${strangers.length}`);
    console.log(`  where 1 % of strangers pass: ${said(equal)}`);
    console.log(`  strangers let in by force: ${poisoned} of ${poison} lives left a look`);
  }
}
