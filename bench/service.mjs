// The door as a service: from its start to "ready" and to a door that works, and back again after a daemon that hangs.
// Times of the watchdog are those of systemd/lintel.service; chip and camera are simulated, and run already.
// usage: node bench/service.mjs [--starts 10] [--hangs 5] [--json]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { freePort } from "../dist/cli/demo/ports.js";
import { startChip, startWorld } from "../dist/cli/demo/simulators.js";
import { describeMachine } from "./lib/machine.mjs";
import { pause, withFolder } from "./lib/process.mjs";
import { readUnit, StandIn } from "./lib/service-manager.mjs";
import { cacheDirectory } from "./lib/setting.mjs";
import { spread } from "./lib/stats.mjs";

const { values } = parseArgs({
  options: {
    starts: { type: "string", default: "10" },
    hangs: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const unit = readUnit(join(root, "systemd/lintel.service"));
const limits = { worksMs: 10_000, recoveryMs: 15_000 };

const result = await withFolder(measure);
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : asText(result));
process.exitCode =
  result.ready.n > 0 && result.works.max < limits.worksMs && result.again.max < limits.recoveryMs ? 0 : 1;

async function measure(folder, onEnd) {
  const world = await startWorld({ socketPath: `${folder}/camera.sock`, cacheDirectory, seed: 1 });
  onEnd(() => world.stop());
  const chip = await startChip(`${folder}/gpio.sock`);
  onEnd(() => chip.stop());
  const place = await configure(folder);
  const found = { ready: [], works: [], again: [] };
  for (let n = -1; n < Number(values.starts); n++) {
    const { readyMs, worksMs } = await startOnce(place);
    // The first compiles what later ones find.
    if (n < 0) continue;
    found.ready.push(readyMs);
    found.works.push(worksMs);
  }
  const service = new StandIn(place);
  service.start();
  onEnd(() => service.stop());
  for (let n = 0; n < Number(values.hangs); n++) found.again.push(await hangOnce(service, place));
  const machine = describeMachine();
  return { machine, unit, ...Object.fromEntries(Object.entries(found).map(([name, all]) => [name, of(all)])) };
}

async function configure(folder) {
  const operations = await freePort(0);
  const settings = {
    stateDirectory: `${folder}/state`,
    door: { id: "bench" },
    camera: { driver: "simulated", socket: `${folder}/camera.sock`, width: 640, height: 480 },
    gpio: { driver: "simulated", socketPath: `${folder}/gpio.sock`, outputs: { strike: { line: 0 } } },
    mqtt: { port: 0 },
    lobby: { port: 0 },
    operations: { port: operations },
    models: { cacheDirectory },
  };
  const file = join(folder, "lintel.yaml");
  writeFileSync(file, JSON.stringify(settings));
  const lintel = (name) => [process.execPath, join(root, "bin/lintel.mjs"), name, "--config", file];
  const env = { ...process.env, NODE_ENV: "production" };
  return { folder, unit, command: lintel("run"), lockCommand: lintel("lock"), env, operations };
}

/** Milliseconds from the start of the program to READY=1, and to an answer of /readyz that the door works. */
async function startOnce(place) {
  const service = new StandIn(place);
  service.start();
  try {
    const worksAtMs = await works(place.operations, () => true);
    const [startedMs] = service.startedMs;
    return { readyMs: service.readyMs[0] - startedMs, worksMs: worksAtMs - startedMs };
  } finally {
    await service.stop();
  }
}

/** Milliseconds from a daemon that stands still to one that works. */
async function hangOnce(service, { operations }) {
  await works(operations, () => service.readyMs.length === service.startedMs.length);
  // At any point between two answers to the watchdog.
  await pause(Math.random() * 2000);
  const lives = service.startedMs.length;
  const stoppedMs = performance.now();
  process.kill(service.pid, "SIGSTOP");
  return (await works(operations, () => service.readyMs.length > lives)) - stoppedMs;
}

async function works(port, isDue) {
  const untilMs = performance.now() + 60_000;
  while (performance.now() < untilMs) {
    if (isDue() && (await answers(port))) return performance.now();
    await pause(5);
  }
  throw new Error("the door did not work within a minute");
}

async function answers(port) {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(500) });
    return status === 200;
  } catch {
    return false;
  }
}

function of(all) {
  const { n, min, p50 } = spread(all);
  return { n, min, p50, max: Math.max(...all) };
}

function asText({ machine, ready, works, again }) {
  const row = (name, { n, min, p50, max }) =>
    `${name.padEnd(52)} n=${n}  min ${seconds(min)}  p50 ${seconds(p50)}  max ${seconds(max)}\n`;
  return [
    `${machine.processor}, ${machine.cores} cores, load before ${machine.loadBefore}\n`,
    row("start of the program to READY=1", ready),
    row("start of the program to a door that works", works),
    row(`a daemon that hangs to a door that works`, again),
  ].join("");
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}
