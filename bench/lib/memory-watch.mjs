// Loaded into a process of the build (node --import): says what V8 holds whenever it is asked (SIGUSR2), after a collection.
import { writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

if (isMainThread && process.env.LINTEL_BENCH_MEMORY) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  process.on("SIGUSR2", () => {
    collect();
    writeFileSync(process.env.LINTEL_BENCH_MEMORY, JSON.stringify(process.memoryUsage()));
  });
}
