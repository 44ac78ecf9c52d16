// How long the vision process stands still for garbage collections while somebody is before the door.
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roles } from "../../dist/simulation/roles.js";
import { pause } from "../lib/process.mjs";
import { spread } from "../lib/stats.mjs";
import { budget, ms } from "../lib/table.mjs";
import { withVision } from "../lib/vision.mjs";

const limitMs = 10;
const watcher = new URL("../lib/gc-watch.mjs", import.meta.url).href;

export async function pauses({ seconds }) {
  const watchedSeconds = seconds * 3;
  const file = join(tmpdir(), `lintel-bench-gc-${process.pid}.json`);
  const env = { NODE_OPTIONS: `--import=${watcher}`, LINTEL_BENCH_GC: file };
  let since = 0;
  const startedMs = performance.now();
  await withVision({ fps: 15, env }, async ({ world, vision }) => {
    world.send({ type: "enter", id: "visitor", actor: roles.enrolled });
    await vision.messages.until((message) => message.type === "sighting" && message.embedding);
    since = performance.now() - startedMs;
    await pause(watchedSeconds * 1000);
  });
  const all = JSON.parse(readFileSync(file, "utf8"));
  // The process is younger than the measurement: what it did before the visit is counted apart.
  const during = all.filter(({ atMs }) => atMs > since);
  return {
    title: "Garbage collection of the vision process",
    text: [
      `The built program for ${watchedSeconds} s of a visit at 15 frames a second that is judged all the time, its worst case. Every stop of its main thread as V8 reports it; on a busy machine a stop is longer because the collector's helpers wait for a core.`,
    ],
    columns: ["kind", "n", "p50 ms", "p99 ms", "longest ms", "ms a second", "budget", ""],
    rows: [
      ...[...new Set(during.map(({ kind }) => kind))].map((kind) => row(kind, during, watchedSeconds)),
      row("all of them", during, watchedSeconds, limitMs),
    ],
  };
}

function row(label, during, seconds, limit) {
  const durations = during.filter(({ kind }) => limit !== undefined || kind === label).map((each) => each.ms);
  const { n, p50, p99 } = spread(durations);
  const longest = Math.max(0, ...durations);
  const total = durations.reduce((sum, value) => sum + value, 0);
  return [label, String(n), ms(p50), ms(p99), ms(longest), ms(total / seconds), ...budget(longest, limit, "ms")];
}
