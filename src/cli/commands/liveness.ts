import { resolve } from "node:path";
import { Command } from "commander";
import { systemClock } from "../../core/clock.ts";
import { exitCode } from "../../core/errors.ts";
import { createLogger } from "../../daemon/log.ts";
import { createCamera } from "../../hal/registry.ts";
import { visionConfig } from "../../vision/config.ts";
import { type ClipVerdict, judgeClip } from "../../vision/judge-clip.ts";
import { openConfiguredEngine, openDoorNetworks } from "../../vision/networks.ts";
import { userModelCache } from "../defaults.ts";
import { print } from "../output.ts";
import { livenessReportCommand } from "./liveness-report.ts";

export function livenessCommand(): Command {
  return new Command("liveness")
    .addCommand(livenessReportCommand())
    .description("Is this recording of a living person? Judged as the door would have, without an active challenge.")
    .argument("<clip>", "a video (needs ffmpeg) or a folder of pictures (taken as 10 a second)")
    .option("--json", "print {verdict, score, cues}")
    .addHelpText(
      "after",
      "\nExit code 0: live, 1: spoof or no verdict, 2: unreadable.\n\nExample:\n  lintel liveness visitor.mp4 --json",
    )
    .action(async (clip: string, options: { json?: boolean }) => {
      const result = await judge(clip);
      const { verdict, score, cues } = result;
      print(options, { verdict, score, cues }, () => textOf(result));
      process.exitCode = verdict === "live" ? exitCode.ok : exitCode.no;
    });
}

// --- internal ---

async function judge(clip: string): Promise<ClipVerdict> {
  const logger = createLogger("warn");
  const config = visionConfig.parse({ modelCacheDirectory: userModelCache(process.env) });
  const { engine, hasAntiSpoof } = await openConfiguredEngine(config, logger);
  try {
    const camera = createCamera(
      { driver: "replay", path: resolve(clip), pace: "fast", loop: false },
      { logger, clock: systemClock },
    );
    const networks = await openDoorNetworks(engine, { antiSpoof: hasAntiSpoof });
    const { limits, scheduling } = config;
    return await judgeClip({ networks, camera, limits, scheduling }, new AbortController().signal);
  } finally {
    await engine.close();
  }
}

function textOf({ verdict, frames, tracks, cues }: ClipVerdict): string {
  const lines = cues.map((cue) => `  ${cue.name}: ${cue.verdict}, ${cue.says}`);
  return [`${verdict} (${frames} frames, ${tracks} ${tracks === 1 ? "face" : "faces"} judged)`, ...lines].join("\n");
}
