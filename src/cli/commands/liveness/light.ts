import { Command, Option } from "commander";
import { silentLogger } from "../../../core/logger.ts";
import { createLogger } from "../../../daemon/log.ts";
import { defaultVision } from "../../../lab/liveness/door-defaults.ts";
import { type LightTried, lightMarkdown, lightRows } from "../../../lab/liveness/light/light-table.ts";
import { type LightParts, rehearseLight } from "../../../lab/liveness/light/rehearse-light.ts";
import { type Kind, kinds, presentation } from "../../../lab/liveness/presentations.ts";
import { faceReader, loadCast } from "../../../simulation/cast.ts";
import { FigureMaker } from "../../../simulation/species.ts";
import { openConfiguredEngine, openDoorNetworks } from "../../../vision/networks.ts";
import { userModelCache } from "../../defaults.ts";
import { positiveNumber, wholeNumber } from "../../number-options.ts";
import { print } from "../../output.ts";
import { trialProgress } from "../../trial-progress.ts";

interface Options {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly species: readonly Kind[];
  readonly strength: number;
  readonly json?: boolean;
}

export function livenessLightCommand(): Command {
  return new Command("light")
    .description(
      "Measure coloured light, which is experimental, on simulated visitors: what its cue alone says of each.",
    )
    .option("--seeds <n>", "visitors of each species", wholeNumber({ to: 100_000 }), 4)
    .option("--first-seed <n>", "the first of these seeds", wholeNumber({ to: 100_000 }), 1000)
    .addOption(new Option("--species <names...>", "only these").choices(kinds).default(kinds, "all"))
    .option(
      "--strength <part>",
      "light of the display at 0.8 m, as a part of the room's",
      positiveNumber({ to: 5 }),
      0.2,
    )
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      [
        "",
        "0.2 is a monitor in an office; 0.05 a tablet there, or a monitor in a bright hall.",
        "",
        "Examples:",
        "  lintel liveness light --seeds 10",
        "  lintel liveness light --species print phone walker --strength 0.05",
      ].join("\n"),
    )
    .action(async (_: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const rows = lightRows(await tryAll(options));
      print(options, { rows }, () => lightMarkdown(rows));
    });
}

// --- internal ---

async function tryAll({ seeds, firstSeed, species, strength }: Options): Promise<LightTried[]> {
  const vision = defaultVision(userModelCache(process.env));
  const { engine } = await openConfiguredEngine(vision, createLogger("warn"));
  try {
    const { detector, landmarks } = await openDoorNetworks(engine);
    const cast = await loadCast({
      cacheDirectory: vision.modelCacheDirectory,
      openReader: async () => faceReader(detector, landmarks),
      logger: silentLogger,
    });
    const door: LightParts = { networks: { detector, landmarks }, cast, maker: new FigureMaker() };
    const all = species.flatMap((kind) => Array.from({ length: seeds }, (_, n) => ({ kind, seed: firstSeed + n })));
    const progress = trialProgress();
    const tried: LightTried[] = [];
    for (const visit of all) {
      const cue = await rehearseLight(door, presentation(visit.kind, visit.seed), strength);
      tried.push({ ...visit, cue });
      progress(tried.length, all.length);
    }
    return tried;
  } finally {
    await engine.close();
  }
}
