import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a process may still take beyond what it has. */
const spareBytes = 1024 * 1024;

export function canLimit(): boolean {
  return spawnSync("prlimit", ["--version"]).status === 0;
}

/** From now on the kernel refuses this process more memory (RLIMIT_DATA). Throws when it cannot be set. */
export function limitData(pid: number): void {
  const [, kB = "0"] = /^VmData:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  const bytes = Number(kB) * 1024 + spareBytes;
  const set = spawnSync("prlimit", ["--pid", String(pid), `--data=${bytes}`], { encoding: "utf8" });
  if (set.status !== 0) throw new Error(`prlimit: ${set.stderr.trim()}`);
}
