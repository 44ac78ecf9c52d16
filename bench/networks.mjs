// How long each network takes on one thread, and how long it takes to open it cold (compiled) and warm (from the cache).
// Usage: node bench/networks.mjs [runs] ; the build in dist/ must be fresh. Prints one JSON document.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../dist/hal/compute/registry.js";
import { networkNames } from "../dist/models/catalogue.js";
import { ModelStore } from "../dist/models/store.js";

const runs = Math.max(3, Number(process.argv[2] ?? 50));
const warmUps = 5;
const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const cacheDirectory = mkdtempSync(join(tmpdir(), "lintel-bench-"));
const round = (ms) => Math.round(ms * 100) / 100;

const open = () =>
  openEngine({
    engine: "auto",
    device: "auto",
    threads: 1,
    source: new ModelStore({ cacheDirectory, logger: silent }),
    logger: silent,
  });

async function openAll() {
  const engine = await open();
  const openMs = {};
  for (const name of networkNames) {
    const start = performance.now();
    await engine.open(name);
    openMs[name] = round(performance.now() - start);
  }
  return { engine, openMs };
}

async function time(network) {
  const input = new Float32Array(3 * network.inputWidth * network.inputHeight);
  for (let i = 0; i < input.length; i++) input[i] = Math.sin(i * 0.01);
  const times = [];
  for (let i = 0; i < warmUps + runs; i++) {
    const start = performance.now();
    await network.run(input);
    if (i >= warmUps) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (part) => round(times[Math.min(times.length - 1, Math.floor(part * times.length))]);
  return { min: at(0), p50: at(0.5), p95: at(0.95) };
}

try {
  const cold = await openAll();
  await cold.engine.close();
  const { engine, openMs } = await openAll();
  const runMs = {};
  for (const name of networkNames) runMs[name] = await time(await engine.open(name));
  await engine.close();
  const document = {
    engine: engine.name,
    device: engine.device,
    threads: 1,
    runs,
    coldOpenMs: cold.openMs,
    openMs,
    runMs,
  };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
} finally {
  rmSync(cacheDirectory, { recursive: true });
}
