// From the command line to a door that would open, and the memory that the processes then hold.
import { demoCast } from "../../dist/cli/demo/demo-cast.js";
import { answered, enrolAlice, startDaemon, withDoorWorld } from "../lib/door.mjs";
import { childOf, residentMb } from "../lib/proc.mjs";
import { pause } from "../lib/process.mjs";
import { cacheDirectory } from "../lib/setting.mjs";
import { spread } from "../lib/stats.mjs";
import { budget } from "../lib/table.mjs";

const starts = 5;
const coldStarts = 3;
const limits = { readyMs: 2000, controlMb: 120, visionMb: 400 };

export async function startAndMemory() {
  return withDoorWorld(async ({ folder, world }) => {
    await pause(3000);
    await once(folder);
    const ready = [];
    for (let n = 0; n < starts; n++) ready.push(await once(folder));
    const cold = [];
    for (let n = 0; n < coldStarts; n++) cold.push(await once(folder, { models: `${folder}/models-${n}` }));
    return report({ ready, cold }, await aVisit(folder, world));
  });
}

async function once(folder, places) {
  const daemon = await startDaemon(folder, places);
  await daemon.stop();
  return daemon.ms;
}

/** Somebody is enrolled, walks up and gets in; memory is read before and after. */
async function aVisit(folder, world) {
  const daemon = await startDaemon(folder);
  const looking = new AbortController();
  try {
    const vision = childOf(daemon.pid, "vision/main.js");
    const guard = childOf(daemon.pid, "relay-guard/main.js");
    await pause(2000);
    const memory = () => ({ control: residentMb(daemon.pid), vision: residentMb(vision), guard: residentMb(guard) });
    const before = memory();
    const cast = await demoCast(cacheDirectory);
    await enrolAlice({ daemon, world, cast }, looking.signal);
    const enteredMs = performance.now();
    world.send({ type: "enter", id: "visitor", actor: cast.alice });
    await answered(async () => ((await daemon.control.request("health", {})).lock === "unlocked" ? true : null));
    const openMs = performance.now() - enteredMs;
    await pause(3000);
    const after = memory();
    world.send({ type: "clear" });
    return { before, after, openMs };
  } finally {
    looking.abort();
    await daemon.stop();
  }
}

function report({ ready, cold }, { before, after, openMs }) {
  const inMs = (name, some = ready) => spread(some.map((each) => each[name]));
  const timeRow = (label, { n, min, p50, p95 }, limit) => [
    label,
    String(n),
    `${min.toFixed(0)} ms`,
    `${p50.toFixed(0)} ms`,
    `${p95.toFixed(0)} ms`,
    ...budget(p50, limit, "ms"),
  ];
  const memoryRow = (label, when, limit) => [
    label,
    "1",
    "-",
    `${when.now.toFixed(1)} MB`,
    `${when.peak.toFixed(1)} MB`,
    ...budget(when.peak, limit, "MB"),
  ];
  return {
    title: "Start and memory",
    text: [
      "`lintel run`, spawned, with cached networks, on the simulated camera and chip, after one start that is not counted. Ready: the daemon itself says that lock, camera and vision are well, asked every 20 ms. For times the last figure is p95; for memory the columns are resident now and the most so far (10^6 bytes, shared libraries included), and the budget is for the most.",
      `The visit: a person is enrolled from a photograph, walks up, turns the head when asked and is let in (${(openMs / 1000).toFixed(1)} s from entering the scene to the strike, most of it walking; n = 1).`,
    ],
    columns: ["what", "n", "min", "p50 or now", "p95 or most", "budget", ""],
    rows: [
      timeRow("answers requests", inMs("answers")),
      timeRow("ready to open", inMs("ready"), limits.readyMs),
      timeRow("ready to open, cold: networks not compiled yet", inMs("ready", cold)),
      memoryRow("control plane after start", before.control, limits.controlMb),
      memoryRow("control plane after a visit", after.control, limits.controlMb),
      memoryRow("vision after start", before.vision, limits.visionMb),
      memoryRow("vision after a visit", after.vision, limits.visionMb),
      memoryRow("relay guard after a visit", after.guard),
    ],
  };
}
