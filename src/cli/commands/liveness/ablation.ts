import { resolve } from "node:path";
import { Command, Option } from "commander";
import { silentLogger } from "../../../core/logger.ts";
import { createLogger } from "../../../daemon/log.ts";
import { ablate, cuesOf } from "../../../lab/liveness/ablation/ablation.ts";
import { ablationMarkdown } from "../../../lab/liveness/ablation/markdown.ts";
import type { Presented } from "../../../lab/liveness/ablation/presented.ts";
import { runAblation } from "../../../lab/liveness/ablation/run-ablation.ts";
import { TracksFile } from "../../../lab/liveness/ablation/tracks-file.ts";
import { WatchedLandmarks } from "../../../lab/liveness/ablation/watched-landmarks.ts";
import { labelledClips } from "../../../lab/liveness/clips.ts";
import { defaultPolicy, defaultVision } from "../../../lab/liveness/door-defaults.ts";
import { type Kind, kinds } from "../../../lab/liveness/presentations.ts";
import { neverDeny } from "../../../lab/liveness/report.ts";
import { faceReader, loadCast } from "../../../simulation/cast.ts";
import { FigureMaker } from "../../../simulation/species.ts";
import { openConfiguredEngine, openDoorNetworks } from "../../../vision/networks.ts";
import { userModelCache } from "../../defaults.ts";
import { wholeNumber } from "../../number-options.ts";
import { print } from "../../output.ts";
import { trialProgress } from "../../trial-progress.ts";

interface Options {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly species: readonly Kind[];
  readonly data?: string;
  readonly tracks?: string;
  readonly json?: boolean;
}

/** Cues of the door that may deny; every other one that was noted is tried out. */
const gates = ["parallax", "carrier", "second-rectangle", "network"] as const;

export function livenessAblationCommand(): Command {
  return new Command("ablation")
    .description("Measure what each liveness cue is worth: whom it flags, and what gets in without it and with it.")
    .option("--seeds <n>", "simulated visits of each species; 0 for none", wholeNumber({ to: 100_000 }), 4)
    .option("--first-seed <n>", "the first of these seeds", wholeNumber({ to: 100_000 }), 1000)
    .addOption(new Option("--species <names...>", "only these").choices(kinds).default(kinds, "all"))
    .option("--data <dir>", "a folder of recordings with labels.json")
    .option("--tracks <file>", "keep what the cues said of each track in this file, and do not repeat what it has")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      [
        "",
        "Nothing is denied meanwhile, so that each cue is judged by itself. Seeds begin at 1000: limits were chosen on lower ones.",
        "",
        "Examples:",
        "  lintel liveness ablation --data ./recordings --seeds 0",
        "  lintel liveness ablation --seeds 20 --tracks tracks.jsonl   # then: lintel liveness fit tracks.jsonl",
      ].join("\n"),
    )
    .action(async (_: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const presented = await observe(options);
      const noted = cuesOf(presented).filter((cue) => !neverDeny.includes(cue));
      const isGate = (cue: string) => gates.some((gate) => gate === cue);
      const tried = noted.filter((cue) => !isGate(cue));
      const rows = ablate(presented, { gates: noted.filter(isGate), tried });
      print(options, { presentations: presented.length, cues: rows }, () => ablationMarkdown(rows));
    });
}

// --- internal ---

async function observe({ seeds, firstSeed, species, data, tracks }: Options): Promise<Presented[]> {
  const clips = data === undefined ? [] : await labelledClips(resolve(data));
  const kept = tracks === undefined ? undefined : await TracksFile.open(resolve(tracks));
  const vision = defaultVision(userModelCache(process.env));
  const { engine, hasAntiSpoof } = await openConfiguredEngine(vision, createLogger("warn"));
  try {
    const all = await openDoorNetworks(engine, { antiSpoof: hasAntiSpoof && clips.length > 0 });
    const watched = new WatchedLandmarks(await engine.open("facemesh"));
    const recorded = { ...all, landmarks: watched };
    const { antiSpoof: _, ...simulated } = recorded;
    const cast = await loadCast({
      cacheDirectory: vision.modelCacheDirectory,
      openReader: async () => faceReader(all.detector, watched),
      logger: silentLogger,
    });
    const { limits, scheduling } = vision;
    const parts = { limits, scheduling, policy: defaultPolicy, cast, maker: new FigureMaker(), watched };
    return await runAblation({
      ...{ seeds, firstSeed, kinds: species, clips, tracks: kept, onProgress: trialProgress() },
      simulated: { ...parts, networks: simulated },
      recorded: { ...parts, networks: recorded },
    });
  } finally {
    await engine.close();
  }
}
