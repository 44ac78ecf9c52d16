import { resolve } from "node:path";
import { Command } from "commander";
import { LintelError } from "../../../core/errors.ts";
import { TracksFile } from "../../../lab/liveness/ablation/tracks-file.ts";
import { type FitReport, fitLiveness } from "../../../lab/liveness/fit/fit.ts";
import type { Rate } from "../../../lab/liveness/report.ts";
import { livenessFitFile, writeLivenessFit } from "../../../models/liveness-fit.ts";
import { print } from "../../output.ts";
import { cacheDirectoryOf, type StoreOptions } from "../models/optional.ts";

interface Options extends StoreOptions {
  readonly dryRun?: boolean;
}

export function livenessFitCommand(): Command {
  return new Command("fit")
    .description("Fit a model of the liveness cues, which may deny what the rule grants and never the other way round.")
    .argument("<tracks>", "what the cues said: written by lintel liveness ablation --tracks")
    .option("--config <file>", "fit for the daemon with this configuration, not for your own commands")
    .option("--dry-run", "tell how good it would be, and write nothing")
    .option("--json", "print {fit, peopleDenied, attacksDenied, folds, file}")
    .addHelpText(
      "after",
      [
        "",
        "Cross-validated: each person and each kind of attack is judged by a model that has not seen it. Start the daemon anew",
        "afterwards. Delete the file to do without.",
        "",
        "Examples:",
        "  lintel liveness ablation --data ./recordings --seeds 10 --tracks tracks.jsonl",
        "  lintel liveness fit tracks.jsonl --dry-run",
        "  lintel liveness fit tracks.jsonl --config /etc/lintel/lintel.yaml",
      ].join("\n"),
    )
    .action(async (tracks: string, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { all } = await TracksFile.open(resolve(tracks));
      if (all.length === 0) throw new LintelError("LINTEL_E_UNREADABLE", `${tracks} is empty, or not there`);
      const result = fitLiveness(all);
      const directory = cacheDirectoryOf(options);
      const file = options.dryRun === true ? null : livenessFitFile(directory);
      if (file !== null) await writeLivenessFit(directory, result.fit);
      print(options, { ...result, file }, () => textOf(result, file));
    });
}

// --- internal ---

function textOf({ fit, peopleDenied, attacksDenied, folds }: FitReport, file: string | null): string {
  const weights = Object.entries(fit.weights).map(([cue, weight]) => `${cue} ${weight.toFixed(2)}`);
  return [
    `fitted on ${fit.data.tracks} tracks of ${fit.data.people} people (data ${fit.data.sha256.slice(0, 12)}), ${folds} folds`,
    `  weights: ${weights.join(", ")}, bias ${fit.bias.toFixed(2)}; denies below ${fit.denyBelow.toFixed(3)}`,
    `  held out: denies ${rate(peopleDenied)} tracks of people, ${rate(attacksDenied)} of attacks that the rule lets in`,
    file === null ? "  nothing was written" : `  ${file}`,
  ].join("\n");
}

function rate({ count, n, interval: [low, high] }: Rate): string {
  return `${count} of ${n} (95 %: ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %)`;
}
