// What the figures were taken on: nothing that names the machine or its owner.
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

export function describeMachine() {
  const model = cpus()[0]?.model.trim() || "unknown processor";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return {
    processor: model,
    cores: availableParallelism(),
    memory,
    architecture: process.arch,
    node: process.versions.node,
    system: systemName(),
    onnxruntime: versionOf("onnxruntime-node"),
    /** Others' work during the run makes every time longer, the ratios much less. */
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}

function systemName() {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}
