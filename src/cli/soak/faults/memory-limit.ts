import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a process may still take beyond what it has. */
const spareBytes = 256 * 1024;

export interface MemoryLimit {
  /** In words. */
  readonly how: string;
  /** The process must have ended. */
  remove(): void;
}

/**
 * From now on the kernel gives this process next to no more memory: by a control group of its own, in which the process is
 * killed when it needs more, or where none may be made by RLIMIT_DATA, with which its allocations fail.
 */
export function limitMemory(pid: number): MemoryLimit {
  for (const { parent, limitFile } of memoryGroups()) {
    const group = join(parent, `lintel-soak-${pid}`);
    try {
      mkdirSync(group);
      writeFileSync(join(group, limitFile), String(spareBytes));
      writeFileSync(join(group, "cgroup.procs"), String(pid));
      return { how: "a control group", remove: () => rmdirSync(group) };
    } catch {
      // Not ours to make, or not with processes in the parent: the other way then.
      if (existsSync(group)) rmdirSync(group);
    }
  }
  const [, kB = "0"] = /^VmData:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  const data = Number(kB) * 1024 + spareBytes;
  const set = spawnSync("prlimit", ["--pid", String(pid), `--data=${data}`], { encoding: "utf8" });
  if (set.status !== 0) throw new Error(`memory cannot be limited here: ${set.error?.message ?? set.stderr.trim()}`);
  return { how: "RLIMIT_DATA", remove: () => {} };
}

// --- internal ---

/** Our own group in each hierarchy that could limit memory, version 2 and 1 (`/proc/self/cgroup`, cgroups(7)). */
function memoryGroups(): { parent: string; limitFile: string }[] {
  const found: { parent: string; limitFile: string }[] = [];
  for (const line of readFileSync("/proc/self/cgroup", "utf8").trim().split("\n")) {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === "") found.push({ parent: join("/sys/fs/cgroup", path), limitFile: "memory.max" });
    else if (controllers.split(",").includes("memory")) {
      found.push({ parent: join("/sys/fs/cgroup", controllers, path), limitFile: "memory.limit_in_bytes" });
    }
  }
  return found;
}
