// What a calibration of thousands of people costs, and how long it keeps the control plane's own thread from everything else.
import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { gaussian, seededRandom } from "../../dist/core/random.js";
import { FindingThread } from "../../dist/daemon/calibration/finding-thread.js";
import { packSite } from "../../dist/daemon/calibration/packed-site.js";
import { Gallery } from "../../dist/daemon/people/gallery.js";
import { inTurn, median } from "../lib/stats.mjs";
import { budget, ms, times } from "../lib/table.mjs";

const people = 3000;
const settings = { targetFpir: 1e-3, maxDistance: 0.43 };
const clock = { nowMs: () => performance.now() };

export async function calibration({ runs }) {
  const rounds = Math.max(3, Math.round(runs / 25));
  const site = siteOf(people);
  const turns = createHistogram();
  for (let n = 0; n < 5; n++) for (const turn of turnsOf(site)) turns.record(Math.max(1, Math.round(turn * 1e6)));
  const delays = { ours: [], other: [] };
  const works = {
    ours: () => watched(() => new FindingThread(clock).find(site, settings), delays.ours),
    other: () => watched(() => countingThread(median(delays.ours.map(({ tookMs }) => tookMs))), delays.other),
  };
  const found = await inTurn(works, { rounds, warmUps: 0 });
  const [ours, other] = [delays.ours, delays.other].map((some) => median(some.map(({ p99Ms }) => p99Ms)));
  const longestMs = turns.percentile(99.9) / 1e6;
  const cpuMs = median(delays.ours.map((one) => one.cpuMs));
  return {
    title: `Calibration with ${people.toLocaleString("en-GB")} people`,
    text: [
      `Three templates each, both embedders; made vectors. The work runs on a thread of its own at low priority; the control plane's thread hands over one copy of the vectors in short turns. "Delay" is that of the event loop, 99th percentile while it works, beside that while a thread of the same priority only counts: what the machine itself does to a process that shares it.`,
    ],
    columns: ["what", "n", "measured", "budget", ""],
    rows: [
      [
        "a turn of the control plane's thread (99.9 %)",
        String(turns.count),
        `${ms(longestMs)} ms`,
        ...budget(longestMs, 10, "ms"),
      ],
      [
        "delay beside a calibration, times beside a thread that counts",
        String(rounds),
        times(ours / other),
        ...budget(ours / other, 2, "times"),
      ],
      ["delay beside a calibration", String(rounds), `${ms(ours)} ms`, "-", ""],
      ["processor time of a calibration", String(rounds), `${(cpuMs / 1000).toFixed(1)} s`, "-", ""],
      ["a calibration", String(found.ours.length), `${(median(found.ours) / 1000).toFixed(1)} s`, "-", ""],
    ],
  };
}

function siteOf(count) {
  const random = seededRandom(1);
  const around = (centre, apart) =>
    centre.map((value) => value + (gaussian(random) * apart) / Math.sqrt(2 * centre.length));
  const gallery = new Gallery(settings);
  for (let person = 0, id = 0; person < count; person++) {
    const first = new Float32Array(128).map((_, i) => (i < 24 ? (gaussian(random) * 0.72) / Math.sqrt(48) : 0));
    const second = new Float32Array(1024).map(() => Math.abs(gaussian(random)) / 32);
    for (let picture = 0; picture < 3; picture++) {
      const embeddings = [
        { embedder: "dlib", vector: around(first, 0.28) },
        { embedder: "faceres", vector: around(second, 0.4) },
      ];
      gallery.add({ id: id++, personId: `p${person}`, embeddings });
    }
  }
  return gallery.site();
}

/** Milliseconds of each turn of the hand-over. */
function* turnsOf({ people: everybody, model }) {
  const work = packSite(everybody, model);
  for (let isDone = false; !isDone; ) {
    const start = performance.now();
    isDone = work.next().done === true;
    yield performance.now() - start;
  }
}

async function watched(work, into) {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  const start = performance.now();
  const before = process.cpuUsage();
  delay.enable();
  await work();
  delay.disable();
  const { user, system } = process.cpuUsage(before);
  into.push({ p99Ms: delay.percentile(99) / 1e6, cpuMs: (user + system) / 1000, tookMs: performance.now() - start });
}

function countingThread(forMs) {
  const body = `require("node:os").setPriority(10); const until = performance.now() + ${forMs}; while (performance.now() < until);`;
  return new Promise((resolve) => new Worker(body, { eval: true }).once("exit", resolve));
}
