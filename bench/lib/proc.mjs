// What the kernel says of a process.
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Milliseconds of processor time of all threads so far. */
export function cpuMs(pid) {
  const fields = statOf(pid);
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
}

/** Megabytes (10^6) resident now and at most so far. Counted is what the process maps, shared libraries included. */
export function residentMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1e6;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** Megabytes resident now: all of it, what would be free again if the process ended, and by what is mapped. */
export function mappedMb(pid) {
  const parts = {};
  let [own, all, part] = [0, 0, ""];
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const [, kind, kilobytes] = /^(Rss|Private_Clean|Private_Dirty):\s+(\d+) kB/.exec(line) ?? [];
    const megabytes = (Number(kilobytes) * 1024) / 1e6;
    if (kind === "Rss") {
      parts[part] = (parts[part] ?? 0) + megabytes;
      all += megabytes;
    } else if (kind !== undefined) own += megabytes;
    else if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) part = partOf(line.split(/\s+/)[5] ?? "");
  }
  return { all, own, parts };
}

export function threadsOf(pid) {
  return readdirSync(`/proc/${pid}/task`).length;
}

function partOf(mapped) {
  if (mapped.includes("libonnxruntime")) return "library of ONNX Runtime";
  if (mapped === process.execPath) return "program of Node";
  if (mapped.startsWith("/") && !mapped.includes("(deleted)") && !mapped.startsWith("/dev/")) return "other files";
  return "anonymous";
}

/** The child of a process whose command line has the text in it. */
export function childOf(pid, text) {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (Number(statOf(entry)[1]) === pid && readFileSync(`/proc/${entry}/cmdline`, "utf8").includes(text)) {
        return Number(entry);
      }
    } catch {
      // It ended meanwhile.
    }
  }
  return undefined;
}

/** Fields after the name, which may hold spaces: state, parent, … */
function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
