import { setPriority } from "node:os";
import type { Readable, Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { type Logger as PinoLogger, pino } from "pino";
import { z } from "zod";
import { systemClock } from "../core/clock.ts";
import { errorText, exitCode, LintelError } from "../core/errors.ts";
import { systemTimers } from "../core/timers.ts";
import { createCamera } from "../hal/registry.ts";
import { openServiceManager, type ServiceManager } from "../hal/service-manager.ts";
import { readLivenessFit } from "../models/liveness-fit.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { type VisionConfig, visionConfig } from "./config.ts";
import { takeFirstLine } from "./first-line.ts";
import { acceptFromServiceManager } from "./listen.ts";
import { openConfiguredEngine } from "./networks.ts";
import { runPhotos } from "./photos.ts";
import { runVision } from "./session.ts";

/**
 * The vision process: `node vision/main.js [--photos] [--socket]`. The first line of its input is its configuration, the rest are
 * commands; its output carries the protocol only, logs go to standard error. It ends when its input does. Input and output are the
 * standard ones, or with `--socket` one connection to the socket that a service manager hands over.
 */

const maxConfigBytes = 256 * 1024;
/** A device that does not let go must not keep a stopped process alive. */
const stopTimeoutMs = 1500;
/** Photographs are looked at on other threads: an event loop that turns is all there is to say. */
const beatMs = 4000;

/** Whom it works for. */
interface Peer {
  readonly input: Readable;
  readonly output: Writable;
  /** Where a service manager started it. */
  readonly manager: ServiceManager | undefined;
}

async function findPeer(log: PinoLogger): Promise<Peer> {
  const manager = await openServiceManager(process.env, (reason) => log.warn({ reason }, "service manager"));
  if (!process.argv.includes("--socket")) return { input: process.stdin, output: process.stdout, manager };
  const connection = await acceptFromServiceManager(process.env);
  return { input: connection, output: connection, manager };
}

async function readConfig(input: Readable): Promise<VisionConfig> {
  const line = await takeFirstLine(input, maxConfigBytes);
  if (line === null) throw new LintelError("LINTEL_E_CONFIG", "the input ended before the configuration came");
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

async function run(config: VisionConfig, peer: Peer, log: PinoLogger, signal: AbortSignal): Promise<void> {
  const isPhotos = process.argv.includes("--photos");
  const { camera } = config;
  if (!isPhotos && !camera) throw new LintelError("LINTEL_E_CONFIG", "the configuration names no camera");
  const { engine, models, hasAntiSpoof: antiSpoof, furtherEmbedders } = await openConfiguredEngine(config, log);
  const { input, output, manager } = peer;
  if (isPhotos || !camera) {
    setPriority(10);
    manager?.tell("READY=1");
    const beat = setInterval(() => manager?.tell("WATCHDOG=1"), beatMs);
    signal.addEventListener("abort", () => clearInterval(beat));
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
      onOpened: collectGarbage,
      onHealth: manager && (() => manager.tell("READY=1\nWATCHDOG=1")),
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
  try {
    const peer = await findPeer(log);
    peer.output.on("error", () => stop.abort());
    peer.input.on("close", () => stop.abort());
    const config = await readConfig(peer.input);
    log.level = config.logLevel;
    await run(config, peer, log, stop.signal);
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

// Many short collections of the young generation instead of few long ones: no frame waits for one (docs/performance.md).
setFlagsFromString("--semi-space-growth-factor=1");
process.exit(await main());
