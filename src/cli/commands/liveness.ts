import { resolve } from "node:path";
import { Command, Option } from "commander";
import { systemClock } from "../../core/clock.ts";
import { exitCode, LintelError } from "../../core/errors.ts";
import { createLogger } from "../../daemon/log.ts";
import { createCamera } from "../../hal/registry.ts";
import { readLivenessFit } from "../../models/liveness-fit.ts";
import { visionConfig } from "../../vision/config.ts";
import { type ClipVerdict, judgeClip } from "../../vision/judge-clip.ts";
import { openConfiguredEngine, openDoorNetworks } from "../../vision/networks.ts";
import { userModelCache } from "../defaults.ts";
import { print } from "../output.ts";
import { livenessAblationCommand } from "./liveness/ablation.ts";
import { livenessFitCommand } from "./liveness/fit.ts";
import { livenessLightCommand } from "./liveness/light.ts";
import { livenessReportCommand } from "./liveness/report.ts";

export function livenessCommand(): Command {
  return new Command("liveness")
    .addCommand(livenessReportCommand())
    .addCommand(livenessAblationCommand())
    .addCommand(livenessFitCommand())
    .addCommand(livenessLightCommand())
    .description("Is this recording of a living person? Judged as a door would have, at the level that is named.")
    .argument("<clip>", "a video (needs ffmpeg) or a folder of pictures (taken as 10 a second)")
    .option("--json", "print {verdict, score, cues}")
    .addOption(new Option("--level <level>", "level of the door").choices(levels).default("passive"))
    .addHelpText(
      "after",
      [
        "",
        "A recording cannot answer a challenge: at active and strict it is a spoof or gets no verdict, never live.",
        "",
        "Exit code 0: live, 1: spoof or no verdict, 2: unreadable.",
        "",
        "Examples:",
        "  lintel liveness visitor.mp4 --json",
        "  lintel liveness visitor.mp4 --level active",
      ].join("\n"),
    )
    .action(async (clip: string, options: { json?: boolean; level: Level }) => {
      const result = await judge(clip, options.level);
      const { verdict, score, cues } = result;
      print(options, { verdict, score, cues }, () => textOf(result));
      process.exitCode = verdict === "live" ? exitCode.ok : exitCode.no;
    });
}

// --- internal ---

const levels = ["passive", "active", "strict"] as const;
type Level = (typeof levels)[number];

async function judge(clip: string, level: Level): Promise<ClipVerdict> {
  const logger = createLogger("warn");
  const config = visionConfig.parse({ modelCacheDirectory: userModelCache(process.env) });
  const { engine, hasAntiSpoof } = await openConfiguredEngine(config, logger);
  try {
    if (level === "strict" && !hasAntiSpoof) {
      throw new LintelError("LINTEL_E_CONFIG", "the level strict needs both anti-spoofing networks", {
        hint: "Install both: lintel models add MiniFASNetV2.onnx MiniFASNetV1SE.onnx",
      });
    }
    const camera = createCamera(
      { driver: "replay", path: resolve(clip), pace: "fast", loop: false },
      { logger, clock: systemClock },
    );
    const networks = await openDoorNetworks(engine, { antiSpoof: hasAntiSpoof });
    const { limits, scheduling } = config;
    const fitted = await readLivenessFit(config.modelCacheDirectory);
    return await judgeClip({ networks, camera, limits, scheduling, level, fitted }, new AbortController().signal);
  } finally {
    await engine.close();
  }
}

function textOf({ verdict, frames, tracks, cues }: ClipVerdict): string {
  const lines = cues.map((cue) => `  ${cue.name}: ${cue.verdict}, ${cue.says}`);
  return [`${verdict} (${frames} frames, ${tracks} ${tracks === 1 ? "face" : "faces"} judged)`, ...lines].join("\n");
}
