import { Command, Option } from "commander";
import { LintelError } from "../../core/errors.ts";
import { type ComparisonName, comparisons } from "../../lab/evaluate/comparison.ts";
import { type EvaluateOptions, examinePairs, examinePeople } from "../../lab/evaluate/evaluate.ts";
import type { Evidence } from "../../lab/evaluate/evidence.ts";
import { openFaceSource } from "../../lab/evaluate/face-source.ts";
import { writeHtmlReport } from "../../lab/evaluate/html/page.ts";
import { type EvaluationReport, makeReport, type PairRates, reportedFmrs } from "../../lab/evaluate/report.ts";
import { userModelCache } from "../defaults.ts";
import { print, table } from "../output.ts";
import { type Progress, progressBar } from "../progress.ts";

interface Options {
  readonly pairs?: string;
  readonly root?: string;
  readonly people?: string;
  readonly sets?: string;
  readonly groups?: string;
  readonly embedder: ComparisonName;
  readonly report?: string;
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Measure recognition on labelled photographs.")
    .option("--pairs <csv>", "lines of: first file, second file, yes/no or 1/0")
    .option("--root <dir>", "folder from which the files of --pairs are named", ".")
    .option("--people <dir>", "a folder with one folder of pictures for each person, or folders of such folders (sets)")
    .option("--sets <names>", "of folders of sets only these, separated by commas")
    .option("--groups <csv>", "lines of: person or file, group; a table for each group")
    .addOption(
      new Option("--embedder <name>", "by whose vectors faces are compared").choices([...comparisons]).default("fused"),
    )
    .option("--report <place>", "write a page with curves, tables and the worst pairs (a folder, or a file .html)")
    .option("--json", "print {genuine, impostor, failedToAcquire, eer, auc, fnmrAtFmr, best, rank1, intervals, …}")
    .addHelpText(
      "after",
      [
        "",
        "A picture without a usable face counts as a non-match. Intervals are at 95 %. The page of --report contains",
        "photographs.",
        "",
        "Examples:",
        "  lintel evaluate --people ./staff-photos --report staff.html",
        "  lintel evaluate --pairs pairs.csv --root ./pictures --json > report.json",
        "  lintel evaluate --people ./sets --sets day,night --groups groups.csv",
      ].join("\n"),
    )
    .action(async (options: Options) => {
      const evidence = await examine(options);
      const report = makeReport(evidence);
      const page = await writePage(options, evidence);
      print(options, report, () => [reportText(report), ...(page === undefined ? [] : [`page: ${page}`])].join("\n"));
    });
}

// --- internal ---

async function examine(options: Options): Promise<Evidence> {
  const { pairs, people, groups, root = "." } = options;
  if ((pairs === undefined) === (people === undefined)) {
    throw new LintelError("LINTEL_E_USAGE", "evaluate needs either --pairs or --people", {
      hint: "See lintel evaluate --help.",
    });
  }
  const { source, close } = await openFaceSource(options.embedder, userModelCache(process.env));
  let bar: Progress | undefined;
  const onProgress = (done: number, total: number): void => {
    bar ??= progressBar(total, "pictures");
    bar.add(1);
    if (done === total) bar.stop();
  };
  const sets = options.sets?.split(",").map((name) => name.trim());
  const how: EvaluateOptions = { source, embedder: options.embedder, sets, groups, onProgress };
  try {
    if (pairs !== undefined) return await examinePairs({ file: pairs, root }, how);
    return await examinePeople(people ?? ".", how);
  } finally {
    bar?.stop();
    await close();
  }
}

async function writePage(options: Options, evidence: Evidence): Promise<string | undefined> {
  if (options.report === undefined) return undefined;
  const subject = options.people ?? options.pairs ?? "";
  const comparison = options.embedder === "fused" ? "both embedders together" : `${options.embedder} alone`;
  return await writeHtmlReport(evidence, options.report, { subject, comparison, date: new Date() });
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
  add("failure to acquire", report.fta, intervals.fta);
  const failed = report.failedToAcquire.map(({ file, reason }) => `  not usable: ${file}: ${reason}`);
  const parts = [
    ...(report.withinSets === null ? [] : [{ ...report.withinSets, name: "within sets" }]),
    ...report.sets,
    ...report.groups,
  ];
  return [
    `${report.genuine} genuine and ${report.impostor} impostor pairs; false match rates below ${report.smallestFmr.toPrecision(1)} are beyond them`,
    table(rows),
    ...(parts.length === 0 ? [] : ["", table(partRows(parts))]),
    ...openSetLines(report),
    ...failed,
  ].join("\n");
}

function partRows(parts: readonly (PairRates & { readonly name: string })[]): string[][] {
  const rate = (value: number | null): string => (value === null ? "-" : percent(value));
  return [
    ["", "genuine", "impostor", "EER", ...reportedFmrs.map((fmr) => `at ${fmr}`)],
    ...parts.map((part) => [
      part.name,
      String(part.genuine),
      String(part.impostor),
      percent(part.eer),
      ...reportedFmrs.map((fmr) => rate(part.fnmrAtFmr[fmr])),
    ]),
  ];
}

/** Strangers among known people, a block for each set. */
function openSetLines({ openSet }: EvaluationReport): string[] {
  return openSet.flatMap(({ name, galleryPeople, templates, splits, strangerPictures, rows }) => [
    "",
    `${name}: strangers at a door that knows ${galleryPeople} people by ${templates} pictures each (${splits} draws)`,
    table([
      ["target FPIR", "threshold", "strangers accepted", "enrolled refused"],
      ...rows.map(({ targetFpir, threshold, fpir, fpirInterval, fnir, fnirInterval }) => [
        String(targetFpir),
        threshold.toFixed(3),
        fpir === null || fpirInterval === null
          ? `not measurable with n = ${strangerPictures}`
          : `${percent(fpir)} (${percent(fpirInterval[0])} to ${percent(fpirInterval[1])})`,
        `${percent(fnir)} (${percent(fnirInterval[0])} to ${percent(fnirInterval[1])})`,
      ]),
    ]),
  ]);
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(2)} %`;
}
