import { Command, Option } from "commander";
import { createLogger } from "../../daemon/log.ts";
import { openEngine } from "../../hal/registry.ts";
import { type BenchReport, bench } from "../../lab/bench/bench.ts";
import { ModelStore } from "../../models/store.ts";
import { userModelCache } from "../defaults.ts";
import { wholeNumber } from "../number-options.ts";
import { print, table } from "../output.ts";

export function benchCommand(): Command {
  return new Command("bench")
    .description("How long the parts of the pipeline take on this machine, on one frame with one face.")
    .option("--runs <n>", "runs of each stage", wholeNumber({ from: 1, to: 100_000 }), 100)
    .option("--threads <n>", "threads of one inference", wholeNumber({ from: 1, to: 100_000 }), 1)
    .addOption(new Option("--engine <name>", "as compute.engine").choices(["auto", "onnx", "tfjs"]).default("auto"))
    .option("--device <name>", "as compute.device: cpu, webgpu, cuda, tensorrt, node-gpu, wasm", "auto")
    .addOption(new Option("--precision <name>", "as compute.precision").choices(["float32", "int8"]).default("float32"))
    .option("--json", "print {stages, match, engine, device}, times in milliseconds")
    .addHelpText("after", "\nExamples:\n  lintel bench --runs 200\n  lintel bench --engine tfjs --device webgpu")
    .action(async (options: BenchOptions) => {
      const logger = createLogger("warn");
      const cacheDirectory = userModelCache(process.env);
      const source = new ModelStore({ cacheDirectory, logger });
      const engine = await openEngine({ ...options, source, logger });
      try {
        const onStage = (name: string) => {
          if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name} …`);
        };
        const report = await bench({ engine, cacheDirectory, runs: options.runs, logger, onStage });
        if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
        print(options, report, () => reportText(report));
      } finally {
        await engine.close();
      }
    });
}

// --- internal ---

interface BenchOptions {
  readonly runs: number;
  readonly threads: number;
  readonly engine: "auto" | "onnx" | "tfjs";
  readonly device: string;
  readonly precision: "float32" | "int8";
  readonly json?: boolean;
}

function reportText({ stages, match, engine, device }: BenchReport): string {
  const rows = Object.entries({ ...stages, [`match ${match.templates}`]: match }).map(
    ([name, { n, min, p50, p95, p99 }]) => [name, String(n), ...[min, p50, p95, p99].map((ms) => ms.toFixed(2))],
  );
  return `${engine} on ${device}, milliseconds\n${table([["stage", "n", "min", "p50", "p95", "p99"], ...rows])}`;
}
