// Doors that know the same people: how soon all of them know of a change, and how soon one that comes back has caught up.

import { nameOf } from "../fleet/people.mjs";
import { withSite } from "../fleet/site.mjs";
import { pause } from "../lib/process.mjs";
import { spread } from "../lib/stats.mjs";
import { budget } from "../lib/table.mjs";

const limits = { changeMs: 2000, rejoinMs: 5000 };
const site = { doors: 100, processes: 20, people: 1000, eventsPerSecond: 5, changes: 30, rejoins: 3 };
const sizes = [100, 1000, 3000, 10_000];

export async function fleet() {
  const rows = [...(await manyDoors()), ...(await growth())];
  return {
    title: "Many doors, one site",
    text: [
      `${site.doors} doors are ${site.doors} control planes in ${site.processes} processes on this one machine, each with its own database, event log, gallery, outbox, MQTT connection and fleet keys, without vision, guard and pages; the broker is one mosquitto with its own limits, in memory, without TLS. Each door writes and publishes ${site.eventsPerSecond} events a second throughout. People have one template each (both embeddings, invented vectors; about 12 kB at the broker). All but the first door start with a copy of its database.`,
      "Change: from the call that enrols or removes somebody at one door until the last of all doors has them in its gallery, or has them no more; on the clock of the machine. Rejoin: a door with an empty database, from its first packet until it has caught up and everybody is in its gallery.",
      "The rows by number of people have three doors and no other traffic.",
    ],
    columns: ["what", "n", "min", "p50", "p95 or most", "budget for the most", ""],
    rows,
  };
}

const timeRow = (label, values, limit) => {
  const { n, min, p50 } = spread(values);
  const most = Math.max(...values);
  return [label, String(n), ...[min, p50, most].map((ms) => `${ms.toFixed(0)} ms`), ...budget(most, limit, "ms")];
};

function manyDoors() {
  const doorIds = Array.from({ length: site.doors }, (_, n) => `door-${n}`);
  return withSite({ doorIds, processes: site.processes }, async (fleet) => {
    const [first] = doorIds;
    await fleet.open(first, 0);
    await people(fleet, first, site.people);
    await fleet.close(first);
    for (const id of doorIds.slice(1)) fleet.copyState(first, id);
    for (const [n, id] of doorIds.entries()) await fleet.open(id, n);
    await inStep(fleet, site.people);
    await fleet.all("traffic", { perSecond: site.eventsPerSecond });
    await pause(10_000);
    const enrolled = [];
    const removed = [];
    for (let n = 0; n < site.changes; n++) {
      const person = site.people + n;
      enrolled.push(await change(fleet, doorIds[(n * 37) % site.doors], { person, isThere: true }));
      removed.push(await change(fleet, doorIds[(n * 53 + 7) % site.doors], { person, isThere: false }));
    }
    const rejoined = [];
    for (let n = 0; n < site.rejoins; n++) rejoined.push(await rejoin(fleet, doorIds[n + 1], n + 1));
    return [
      timeRow(`enrolled at one of ${site.doors} doors, known at all`, enrolled, limits.changeMs),
      timeRow(`removed at one of ${site.doors} doors, forgotten at all`, removed, limits.changeMs),
      timeRow(`an empty door joins ${site.doors - 1} others, ${site.people} people`, rejoined, limits.rejoinMs),
    ];
  });
}

async function growth() {
  const rows = [];
  for (const size of sizes) {
    await withSite({ doorIds: ["a", "b", "c"], processes: 3 }, async (fleet) => {
      await fleet.open("a", 0);
      await people(fleet, "a", size);
      const emptyMb = fleet.brokerMb();
      const joined = [await fleet.open("b", 1, { isTimed: true })];
      for (let n = 0; n < 2; n++) joined.push(await rejoin(fleet, "c", 2, n > 0));
      await fleet.close("c");
      const known = await fleet.open("c", 2, { isTimed: true });
      await pause(6000);
      const changes = [];
      for (let n = 0; n < 3; n++) changes.push(await change(fleet, "a", { person: size + n, isThere: true }));
      const [{ rss }] = (await fleet.all("state")).flat().filter(({ door }) => door === "c");
      const label = `${size.toLocaleString("en")} people`;
      rows.push(timeRow(`${label}: an empty door joins`, joined));
      rows.push(timeRow(`${label}: a door that knows them all comes back`, [known]));
      rows.push(timeRow(`${label}: enrolled at one of 3 doors, known at all`, changes));
      rows.push([
        `${label}: memory of the broker, of a door's process`,
        "1",
        "-",
        `${emptyMb.toFixed(0)} MB`,
        `${(rss / 1e6).toFixed(0)} MB`,
        "-",
        "",
      ]);
    });
  }
  return rows;
}

/** Enrols so many, a few at a time, and waits until the broker has them all. */
async function people(fleet, door, count) {
  for (let from = 0; from < count; from += 50) await fleet.at(door, "enrol", { from, to: Math.min(count, from + 50) });
  await inStep(fleet, count);
}

/** Every door that is open has everybody, and nothing is on its way any more. */
async function inStep(fleet, count) {
  for (let attempt = 0; attempt < 6000; attempt++) {
    const states = (await fleet.all("state")).flat();
    const roots = new Set(states.map(({ root }) => root));
    const isWhole = states.every(
      ({ known, state, notAtBroker }) => known === count && state === "caught-up" && notAtBroker === 0,
    );
    if (isWhole && roots.size === 1) return;
    await pause(50);
  }
  throw new Error("the doors do not come into step");
}

async function change(fleet, door, { person, isThere }) {
  const name = nameOf(person);
  const all = fleet.all("until", { person: name, isThere });
  const atMs = isThere
    ? await fleet.at(door, "enrol", { from: person, to: person + 1 })
    : await fleet.at(door, "remove", { id: name });
  const times = await all;
  await pause(500);
  return Math.max(...times) - atMs;
}

/** The door comes back with nothing. */
async function rejoin(fleet, door, number, isOpen = true) {
  if (isOpen) await fleet.close(door);
  fleet.forget(door);
  return fleet.open(door, number, { isTimed: true });
}
