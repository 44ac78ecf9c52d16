import { readdirSync, readFileSync } from "node:fs";

/** A look at the kernel's process table. */
export interface ProcessEntry {
  readonly pid: number;
  /** The command line, words separated by spaces. */
  readonly command: string;
}

/** The living processes that were started by `pid`, directly or not. */
export function processesBelow(pid: number): ProcessEntry[] {
  const below = new Set([pid]);
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(Number(name))] as const),
  );
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const [child, parent] of parents) if (parent !== null && below.has(parent)) below.add(child);
  }
  below.delete(pid);
  return [...below].map((child) => ({ pid: child, command: commandOf(child) })).filter(({ command }) => command !== "");
}

/** Megabytes of a process in memory. */
export function residentMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

/** Open descriptors of a process; undefined when it has ended. */
export function openFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? null : Number(parent);
  } catch {
    return null;
  }
}

/** Empty for a process that has ended, waited for or not. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
