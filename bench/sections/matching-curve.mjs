// What a search costs as the gallery grows: alone, with the help of the matching thread, and by both embedders as the door compares.
import { systemTimers } from "../../dist/core/timers.js";
import { Gallery } from "../../dist/daemon/people/gallery.js";
import { ScanThread } from "../../dist/daemon/people/matching/scan-thread.js";
import { TemplateMatrix } from "../../dist/pipeline/matching/matrix.js";
import { madeFaces, secondVectors, templatesEach } from "../lib/made-faces.mjs";
import { silentLogger } from "../lib/setting.mjs";
import { spread } from "../lib/stats.mjs";
import { budget, ms } from "../lib/table.mjs";

const sizes = [1_000, 10_000, 100_000, 1_000_000];
/** Beside the vectors of the second embedder, 4 KiB a template: no more than this is measured. */
const doorSizes = [1_000, 10_000];
const budgets = { 10000: 0.3, 100000: 3 };
const clock = { nowMs: () => performance.now() };

export async function matchingCurve({ runs }) {
  const rows = [];
  const thread = new ScanThread({ clock, timers: systemTimers, logger: silentLogger });
  try {
    for (const size of sizes) rows.push(...(await matrixRows(size, { thread, rounds: Math.max(runs, 100) })));
  } finally {
    await thread.stop();
  }
  for (const size of doorSizes) rows.push(doorRow(size, { rounds: Math.max(runs, 100) }));
  return {
    title: "Matching as the gallery grows",
    text: [
      "Exact top-2 in WebAssembly SIMD without native code: every template is coded in a byte a number, the codes say for certain which few rows can matter, and those are compared as they are. `bytes`: what the process grew by for each template, after a collection; of it 512 for the vector, 128 for its code, 20 for distances, person and number, and up to as much again for room to grow.",
      "`beside`: the codes are searched by the matching thread, as the control plane does from 50,000 templates on. `held` is how long the control plane's own thread is busy with it; below that size telling the thread costs as much as searching, and the thread some 15 MB.",
      "`by both embedders`: `Gallery.identify`, which the door calls; half of the probes are strangers.",
    ],
    columns: ["what", "templates", "n", "p50 ms", "p95 ms", "p99 ms", "held, p50 ms", "bytes", "budget", ""],
    rows,
  };
}

async function matrixRows(size, { thread, rounds }) {
  const faces = madeFaces(size);
  const before = memory();
  const matrix = new TemplateMatrix(128);
  for (let n = 0; n < size; n++) matrix.add(faces.next());
  const bytes = Math.round((memory() - before) / size);
  const probes = Array.from({ length: 50 }, (_, n) => (n % 2 ? faces.stranger() : faces.probe(n * 7)));
  const [alone, beside, held] = [[], [], []];
  for (let round = -10; round < rounds; round++) {
    const probe = probes[(round + 10) % probes.length];
    const start = performance.now();
    matrix.top2(probe);
    const second = performance.now();
    const ahead = matrix.lookAhead(probe, thread);
    const posted = performance.now();
    await ahead;
    const resumed = performance.now();
    matrix.top2(probe);
    const end = performance.now();
    if (round < 0) continue;
    alone.push(second - start);
    beside.push(end - second);
    held.push(posted - second + (end - resumed));
  }
  return [
    row("top-2", size, { values: alone, held: spread(alone).p50, bytes, limit: budgets[size] }),
    row("top-2, beside", size, { values: beside, held: spread(held).p50 }),
  ];
}

function doorRow(size, { rounds }) {
  const faces = madeFaces(size + 1);
  const second = secondVectors(size);
  const gallery = new Gallery({ targetFpir: 1e-3, maxDistance: 0.43 });
  const before = memory();
  let own = second();
  for (let n = 0; n < size; n++) {
    if (n % templatesEach === 0) own = second();
    const { personId, templateId, vector } = faces.next();
    gallery.add({ id: templateId, personId, embeddings: both(vector, second(own)) });
  }
  const bytes = Math.round((memory() - before) / size);
  const probes = Array.from({ length: 50 }, (_, n) => both(n % 2 ? faces.stranger() : faces.probe(n * 7), second()));
  const values = [];
  for (let round = -10; round < rounds; round++) {
    const start = performance.now();
    gallery.identify(probes[(round + 10) % probes.length]);
    if (round >= 0) values.push(performance.now() - start);
  }
  return row("by both embedders", size, { values, held: spread(values).p50, bytes });
}

const both = (dlib, faceres) => [
  { embedder: "dlib", vector: dlib },
  { embedder: "faceres", vector: faceres },
];

function row(what, size, { values, held, bytes, limit }) {
  const { n, p50, p95, p99 } = spread(values);
  return [
    ...[what, size.toLocaleString("en-GB"), String(n), ms(p50), ms(p95), ms(p99), ms(held)],
    bytes === undefined ? "-" : String(bytes),
    ...budget(p50, limit, "ms"),
  ];
}

/** Bytes in use, with what lies outside of the heap. Shared memory is counted nowhere but in what is resident. */
function memory() {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
