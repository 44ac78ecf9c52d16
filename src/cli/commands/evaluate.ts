import { Command, Option } from "commander";
import { LintelError } from "../../core/errors.ts";
import { silentLogger } from "../../core/logger.ts";
import { openEngine } from "../../hal/compute/registry.ts";
import { type EvaluateOptions, evaluatePairs, evaluatePeople } from "../../lab/evaluate/evaluate.ts";
import { type EvaluationReport, reportedFmrs } from "../../lab/evaluate/report.ts";
import { ModelStore } from "../../models/store.ts";
import { FaceDetector } from "../../pipeline/detect.ts";
import { Embedder } from "../../pipeline/embed.ts";
import { FaceAnalyser } from "../../pipeline/face-analyser.ts";
import { LandmarkFinder } from "../../pipeline/landmarks.ts";
import { evaluationLimits } from "../../pipeline/quality.ts";
import type { EmbedderName, RgbImage } from "../../pipeline/types.ts";
import { userModelCache } from "../defaults.ts";
import { print, table } from "../output.ts";

interface Options {
  readonly pairs?: string;
  readonly root?: string;
  readonly people?: string;
  readonly embedder: EmbedderName;
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Measure recognition on labelled photographs.")
    .option("--pairs <csv>", "lines of: first file, second file, yes/no or 1/0")
    .option("--root <dir>", "folder from which the files of --pairs are named", ".")
    .option("--people <dir>", "a folder with one folder of pictures for each person")
    .addOption(new Option("--embedder <name>", "whose vectors").choices(["dlib", "faceres"]).default("dlib"))
    .option("--json", "print {genuine, impostor, failedToAcquire, eer, auc, fnmrAtFmr, best, rank1, intervals}")
    .addHelpText(
      "after",
      [
        "",
        "A picture without a usable face counts as a non-match. Intervals are at 95 %.",
        "",
        "Examples:",
        "  lintel evaluate --people ./staff-photos",
        "  lintel evaluate --pairs pairs.csv --root ./pictures --json > report.json",
      ].join("\n"),
    )
    .action(async (options: Options) => {
      const report = await evaluate(options);
      print(options, report, () => reportText(report));
    });
}

// --- internal ---

async function evaluate(options: Options): Promise<EvaluationReport> {
  const { pairs, people, root = "." } = options;
  if ((pairs === undefined) === (people === undefined)) {
    throw new LintelError("LINTEL_E_USAGE", "evaluate needs either --pairs or --people", {
      hint: "See lintel evaluate --help.",
    });
  }
  const { source, close } = await openSource(options.embedder);
  const how: EvaluateOptions = { source, embedder: options.embedder, onProgress: showProgress };
  try {
    if (pairs !== undefined) return await evaluatePairs({ file: pairs, root }, how);
    return await evaluatePeople(people ?? ".", how);
  } finally {
    await close();
  }
}

async function openSource(
  embedder: EmbedderName,
): Promise<{ source: EvaluateOptions["source"]; close(): Promise<void> }> {
  const engine = await openEngine({
    engine: "auto",
    device: "auto",
    threads: 1,
    source: new ModelStore({ cacheDirectory: userModelCache(process.env), logger: silentLogger }),
    logger: silentLogger,
  });
  const analyser = new FaceAnalyser({
    detector: new FaceDetector(await engine.open("blazeface")),
    landmarks: new LandmarkFinder(await engine.open("facemesh")),
    embedders: [new Embedder(embedder, await engine.open(embedder))],
  });
  return {
    source: { analyse: (image: RgbImage) => analyser.analyse(image, { limits: evaluationLimits }) },
    close: () => engine.close(),
  };
}

/** One line that is written over, and only where somebody looks. */
function showProgress(done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const bar = "#".repeat(Math.floor((done / total) * 30)).padEnd(30, ".");
  process.stderr.write(`\r[${bar}] ${done}/${total}${done === total ? "\n" : ""}`);
}

function reportText(report: EvaluationReport): string {
  const { intervals, fnmrAtFmr, best } = report;
  const rows = [["", "value", "95 % interval"]];
  const add = (name: string, value: number | null, interval: readonly [number, number] | null): void => {
    if (value === null || interval === null) rows.push([name, "-", "too few pairs or people unknown"]);
    else rows.push([name, percent(value), `${percent(interval[0])} to ${percent(interval[1])}`]);
  };
  add("equal error rate", report.eer, intervals.eer);
  add("area under the curve", report.auc, intervals.auc);
  for (const fmr of reportedFmrs) {
    add(`false non-matches at FMR ${fmr}`, fnmrAtFmr[fmr], intervals.fnmrAtFmr[fmr]);
  }
  add(`right at best threshold ${best.threshold.toFixed(3)}`, best.accuracy, intervals.accuracy);
  add("rank-1 identification", report.rank1, intervals.rank1);
  const failed = report.failedToAcquire.map(({ file, reason }) => `  not usable: ${file}: ${reason}`);
  return [`${report.genuine} genuine and ${report.impostor} impostor pairs`, table(rows), ...failed].join("\n");
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(2)} %`;
}
