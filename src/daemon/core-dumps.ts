import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Logger } from "../core/logger.ts";

/** What became of core dumps; `unknown` where the limits of a process cannot be read. */
export type CoreDumps = "off" | "on" | "unknown";

/**
 * Forbids core dumps of this process and of every child it starts from now on: they would hold faces and keys. Node cannot
 * set its own limits; `prlimit` of util-linux can, from outside and without privileges. One byte instead of none, because
 * the kernel hands a dump to a collecting program (a `core_pattern` with a pipe) whatever the limit is, except when it is
 * exactly one: core(5). A service has `LimitCORE=` in its unit and needs none of this.
 */
export function forbidCoreDumps(logger: Logger): CoreDumps {
  if (hardLimit() !== "large") return hardLimit() === "small" ? "off" : "unknown";
  const run = spawnSync("prlimit", ["--core=1:1", "--pid", String(process.pid)], { stdio: "ignore", timeout: 2000 });
  const result = hardLimit() === "small" ? "off" : "on";
  if (result === "on") {
    logger.warn(
      { status: run.status, error: run.error?.message },
      "core dumps are not forbidden: install util-linux (prlimit), or start lintel with ulimit -c 0",
    );
  }
  return result;
}

// --- internal ---

function hardLimit(): "small" | "large" | "unknown" {
  let limits: string;
  try {
    limits = readFileSync("/proc/self/limits", "latin1");
  } catch {
    return "unknown";
  }
  const hard = /^Max core file size +\S+ +(\S+)/m.exec(limits)?.[1];
  if (hard === undefined) return "unknown";
  return hard === "0" || hard === "1" ? "small" : "large";
}
