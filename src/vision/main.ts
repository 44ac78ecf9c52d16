import { setPriority } from "node:os";
import { type Logger as PinoLogger, pino } from "pino";
import { z } from "zod";
import { systemClock } from "../core/clock.ts";
import { errorText, exitCode, LintelError } from "../core/errors.ts";
import { systemTimers } from "../core/timers.ts";
import { createCamera } from "../hal/registry.ts";
import { readLivenessFit } from "../models/liveness-fit.ts";
import { type VisionConfig, visionConfig } from "./config.ts";
import { takeFirstLine } from "./first-line.ts";
import { openConfiguredEngine } from "./networks.ts";
import { runPhotos } from "./photos.ts";
import { runVision } from "./session.ts";

/**
 * The vision process: `node vision/main.js [--photos]`. The first line of standard input is its configuration, the rest are commands;
 * standard output carries the protocol only, logs go to standard error. It ends when its input does.
 */

const maxConfigBytes = 256 * 1024;
/** A device that does not let go must not keep a stopped process alive. */
const stopTimeoutMs = 1500;

async function readConfig(): Promise<VisionConfig> {
  const line = await takeFirstLine(process.stdin, maxConfigBytes);
  if (line === null) throw new LintelError("LINTEL_E_CONFIG", "standard input ended before the configuration came");
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch (cause) {
    throw new LintelError("LINTEL_E_CONFIG", "the first line is no JSON document", { cause });
  }
  const parsed = visionConfig.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new LintelError("LINTEL_E_CONFIG", z.prettifyError(parsed.error).replaceAll("\n", " "));
}

async function run(config: VisionConfig, log: PinoLogger, signal: AbortSignal): Promise<void> {
  const isPhotos = process.argv.includes("--photos");
  const { camera } = config;
  if (!isPhotos && !camera) throw new LintelError("LINTEL_E_CONFIG", "the configuration names no camera");
  const { engine, models, hasAntiSpoof: antiSpoof, furtherEmbedders } = await openConfiguredEngine(config, log);
  const { stdin: input, stdout: output } = process;
  if (isPhotos || !camera) {
    setPriority(10);
    await runPhotos({ engine, models, furtherEmbedders, timers: systemTimers, logger: log, input, output }, signal);
    return;
  }
  const cameraLog = log.child({ component: "camera" });
  const openCamera = () => createCamera(camera, { logger: cameraLog, clock: systemClock });
  const { limits, scheduling } = config;
  const fitted = await readLivenessFit(config.modelCacheDirectory);
  await runVision(
    {
      engine,
      models,
      openCamera,
      clock: systemClock,
      logger: log,
      input,
      output,
      limits,
      scheduling,
      antiSpoof,
      fitted,
    },
    signal,
  );
}

async function main(): Promise<number> {
  const log = pino({ base: { component: "vision" } }, pino.destination({ fd: 2, sync: true }));
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
  stop.signal.addEventListener("abort", () => {
    setTimeout(() => process.exit(exitCode.hardware), stopTimeoutMs).unref();
  });
  process.stdout.on("error", () => stop.abort());
  process.stdin.on("close", () => stop.abort());
  try {
    const config = await readConfig();
    log.level = config.logLevel;
    await run(config, log, stop.signal);
    return exitCode.ok;
  } catch (error) {
    if (stop.signal.aborted) return exitCode.ok;
    const isKnown = error instanceof LintelError;
    log.error(
      { problem: errorText(error), ...(isKnown ? { hint: error.hint } : { stack: stackOf(error) }) },
      "vision ends",
    );
    return isKnown ? error.exit : exitCode.hardware;
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

process.exit(await main());
