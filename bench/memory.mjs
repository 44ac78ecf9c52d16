// What the memory of the vision process is made of, and whether visit after visit it becomes more.
// usage: node bench/memory.mjs [--minutes 12] [--json]; the build in dist/ must be fresh.
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { theilSen } from "../dist/pipeline/calibration/theil-sen.js";
import { roles } from "../dist/simulation/roles.js";
import { mappedMb, residentMb, threadsOf } from "./lib/proc.mjs";
import { pause } from "./lib/process.mjs";
import { asText } from "./lib/report.mjs";
import { withVision } from "./lib/vision.mjs";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "12" }, json: { type: "boolean", default: false } },
});
const memoryFile = join(tmpdir(), `lintel-bench-memory-${process.pid}.json`);
const watcher = new URL("./lib/memory-watch.mjs", import.meta.url).href;
/** A visit from entering to gone, and the pause after it. */
const visitMs = 20_000;
/** The first visits fill pools and compile code: they are no trend. */
const warmUps = 5;

const mb = (megabytes) => megabytes.toFixed(1);
const ofBytes = (bytes) => mb(bytes / 1e6);

const visits = Math.max(warmUps + 5, Math.round((Number(values.minutes) * 60_000) / visitMs));
const measured = await watchVisits(visits);
rmSync(memoryFile, { force: true });
if (values.json) process.stdout.write(`${JSON.stringify(measured, null, 2)}\n`);
else for (const section of [makeUp(measured), growth(measured)]) process.stdout.write(asText(section));

async function watchVisits(count) {
  const env = { NODE_OPTIONS: `--import=${watcher}`, LINTEL_BENCH_MEMORY: memoryFile };
  return withVision({ fps: 15, env }, async ({ world, vision }) => {
    const tracks = new Set();
    vision.messages.each((message) => {
      if (message.type === "sighting") tracks.add(message.trackId);
    });
    await pause(3000);
    const look = async () => {
      const resident = { ...mappedMb(vision.pid), peak: residentMb(vision.pid).peak, threads: threadsOf(vision.pid) };
      process.kill(vision.pid, "SIGUSR2");
      await pause(500);
      return { ...resident, v8: JSON.parse(readFileSync(memoryFile, "utf8")) };
    };
    const start = await look();
    const after = [];
    const startedMs = performance.now();
    for (let visit = 0; visit < count; visit++) {
      world.send({ type: "enter", id: `visitor-${visit}`, actor: roles.enrolled });
      await pause(0.4 * visitMs);
      for (const trackId of tracks) vision.send({ type: "track", trackId, state: "decided" });
      tracks.clear();
      await pause(0.2 * visitMs);
      world.send({ type: "leave", id: `visitor-${visit}` });
      await pause(0.4 * visitMs);
      after.push({ minutes: (performance.now() - startedMs) / 60_000, ...(await look()) });
    }
    return { start, after };
  });
}

function makeUp({ start, after }) {
  const last = after.at(-1);
  const row = (what, of) => [what, of(start), of(last)];
  return {
    title: "What the memory of the vision process is made of",
    text: [
      "Resident, in megabytes (10^6 bytes): what the kernel counts (by mapping), and what V8 says of its own part after a collection. `private` is what the machine would have back if the process ended.",
    ],
    columns: ["part", "nobody yet", `after ${after.length} visits`],
    rows: [
      row("all of it", ({ all }) => mb(all)),
      row("most so far", ({ peak }) => mb(peak)),
      row("private", ({ own }) => mb(own)),
      ...Object.keys(last.parts).map((name) => row(name, ({ parts }) => mb(parts[name] ?? 0))),
      row("V8: heap, used", ({ v8 }) => ofBytes(v8.heapUsed)),
      row("V8: heap, reserved", ({ v8 }) => ofBytes(v8.heapTotal)),
      row("V8: buffers and WebAssembly memories", ({ v8 }) => ofBytes(v8.arrayBuffers)),
      row("threads", ({ threads }) => String(threads)),
    ],
  };
}

function growth({ after }) {
  const used = after.slice(warmUps);
  const trendOf = (what, of) => {
    const trend = theilSen(used.map((each) => ({ x: each.minutes / 60, y: of(each) })));
    const perHour = (value) => `${value.toFixed(2)}`;
    return [what, String(used.length), perHour(trend.slope), trend.interval.map(perHour).join(" to ")];
  };
  return {
    title: "Whether it grows",
    text: [
      `One visit after the other, looked at when nobody is there, the first ${warmUps} left out; slope after Theil and Sen with its 95 % interval.`,
    ],
    columns: ["what", "visits", "MB an hour", "95 %"],
    rows: [
      trendOf("resident", ({ all }) => all),
      trendOf("private", ({ own }) => own),
      trendOf("V8: heap, used", ({ v8 }) => v8.heapUsed / 1e6),
      trendOf("V8: buffers and WebAssembly memories", ({ v8 }) => v8.arrayBuffers / 1e6),
    ],
  };
}
