import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { createLogger } from "../../../daemon/log.ts";
import { labelledClips } from "../../../lab/liveness/clips.ts";
import { defaultVision } from "../../../lab/liveness/door-defaults.ts";
import { KeptTrials } from "../../../lab/liveness/kept-trials.ts";
import { reportMarkdown } from "../../../lab/liveness/markdown.ts";
import { type Kind, kinds } from "../../../lab/liveness/presentations.ts";
import type { RehearsedLevel } from "../../../lab/liveness/rehearse.ts";
import type { LivenessReport } from "../../../lab/liveness/report.ts";
import { runReport } from "../../../lab/liveness/run-report.ts";
import { VisitThread } from "../../../lab/liveness/visit-thread.ts";
import { type ReportPlace, requirePlace, simulatedPlace, writeReport } from "../../../lab/liveness/write-report.ts";
import { openConfiguredEngine, openDoorNetworks } from "../../../vision/networks.ts";
import { userModelCache } from "../../defaults.ts";
import { wholeNumber } from "../../number-options.ts";
import { print } from "../../output.ts";
import { trialProgress } from "../../trial-progress.ts";

interface Options {
  readonly seeds: number;
  readonly species: readonly Kind[];
  readonly data?: string;
  readonly level: RehearsedLevel;
  readonly jobs: number;
  readonly keep?: string;
  readonly json?: boolean;
  readonly write?: boolean;
}

export function livenessReportCommand(): Command {
  return new Command("report")
    .description("Measure what the door takes for alive: simulated attacks and people, and labelled recordings.")
    .option("--seeds <n>", "simulated visits of each species; 0 for none", wholeNumber({ to: 100_000 }), 10)
    .addOption(new Option("--species <names...>", "only these").choices(kinds).default(kinds, "all"))
    .addOption(
      new Option("--level <level>", "level of the door in simulated visits").choices(levels).default("passive"),
    )
    .option("--data <dir>", "a folder of recordings with labels.json")
    .option("--jobs <n>", "visits played at the same time", wholeNumber({ from: 1, to: 256 }), availableParallelism())
    .option(
      "--keep <file>",
      "keep each trial in this file (at active: <file>.active) as it ends, and do not repeat those it has",
    )
    .option("--json", "print the report as one JSON document")
    .option("--write", "also write it into docs/liveness.md and docs/liveness-*.json")
    .addHelpText(
      "after",
      [
        "",
        "Terms of ISO/IEC 30107-3, exact 95 % intervals. Simulated and real material never share a row.",
        "",
        "Examples:",
        "  lintel liveness report --seeds 20",
        "  lintel liveness report --seeds 300 --keep trials.jsonl   # hours; broken off, it goes on where it stopped",
        "  lintel liveness report --seeds 20 --level active",
        "  lintel liveness report --seeds 0 --data ./recordings --json",
      ].join("\n"),
    )
    .action(async (_: Options, command: Command) => {
      // The command above has a --json of its own, which takes this one's.
      const options = command.optsWithGlobals<Options>();
      if (options.write === true) await requirePlace(docs, materialsOf(options));
      const report = await measure(options);
      if (options.write === true) await writeReport(report, docs);
      print(options, report, () => reportMarkdown(report));
    });
}

// --- internal ---

/** Of the folder in which the command is called. */
const docs = resolve("docs");

const levels: readonly RehearsedLevel[] = ["passive", "active"];

function materialsOf({ seeds, data, level }: Options): ReportPlace[] {
  return [...(seeds > 0 ? [simulatedPlace(level)] : []), ...(data === undefined ? [] : ["real" as const])];
}

async function measure({ seeds, species, data, level, jobs, keep }: Options): Promise<LivenessReport> {
  const clips = data === undefined ? [] : await labelledClips(resolve(data));
  const modelCacheDirectory = userModelCache(process.env);
  const opened: { close(): Promise<void> }[] = [];
  try {
    return await runReport({
      ...{ seeds, kinds: species, clips, level, jobs, onProgress: trialProgress() },
      openPlayer: () => new VisitThread({ modelCacheDirectory, level }),
      kept:
        keep === undefined ? undefined : await KeptTrials.open(resolve(level === "active" ? `${keep}.active` : keep)),
      openRecordings: async () => {
        const vision = defaultVision(modelCacheDirectory);
        const { engine, hasAntiSpoof } = await openConfiguredEngine(vision, createLogger("warn"));
        opened.push(engine);
        const networks = await openDoorNetworks(engine, { antiSpoof: hasAntiSpoof });
        return { networks, limits: vision.limits, scheduling: vision.scheduling };
      },
    });
  } finally {
    await Promise.all(opened.map((engine) => engine.close()));
  }
}
