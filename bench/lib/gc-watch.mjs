// Loaded into a process of the build (node --import): writes down how long each of its garbage collections stopped it.
import { writeFileSync } from "node:fs";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

const kinds = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: "young",
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "old",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental step",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "callbacks",
};

if (isMainThread && process.env.LINTEL_BENCH_GC) {
  const pauses = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration, detail } of list.getEntries()) {
      pauses.push({ atMs: startTime, ms: duration, kind: kinds[detail.kind] ?? "other" });
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  process.on("exit", () => writeFileSync(process.env.LINTEL_BENCH_GC, JSON.stringify(pauses)));
}
