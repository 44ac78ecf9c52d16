import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import type { Frame } from "../../pipeline/types.ts";
import type { Camera } from "../api.ts";
import { absolutePath } from "./config-parts.ts";
import type { CameraDeps } from "./deps.ts";
import { openRecording, type Recording } from "./recordings.ts";

/** A recording as a camera: a folder of pictures (natural order of names) or a video, in its own size. */
export const replayConfig = z.strictObject({
  driver: z.literal("replay").describe("A recording as a camera."),
  path: absolutePath("the recording").describe("Folder of pictures or a video file."),
  fps: z
    .number()
    .min(0.1)
    .max(240)
    .optional()
    .describe("Pictures a second; absent: the video's own rate, 10 for a folder."),
  pace: z
    .enum(["real", "fast"])
    .default("real")
    .describe(
      "real: as time passes, late pictures are left out. fast: every picture, as quickly as they are asked for.",
    ),
  loop: z.boolean().default(false).describe("Starts again at the end instead of ending as a lost camera."),
});
export type ReplayConfig = z.infer<typeof replayConfig>;

/**
 * With `pace: fast` the stamps still advance at the recording's own rate, so they run ahead of the clock: right for judging a
 * clip at a desk, refused as coming from the future by a door.
 */
export function createReplayCamera(config: ReplayConfig, deps: CameraDeps): Camera {
  return new ReplayCamera(config, deps.clock);
}

/** Which picture is due `elapsedMs` after the first one, counted from 0. */
export function dueIndex(elapsedMs: number, framesPerSecond: number): number {
  // a timer may fire a fraction of a millisecond early
  return Math.max(0, Math.floor((elapsedMs + 0.5) * (framesPerSecond / 1000)));
}

class ReplayCamera implements Camera {
  readonly #config: ReplayConfig;
  readonly #clock: Clock;
  #recording: Recording | undefined;
  #startedAtMs = 0;
  /** Index of the next picture over all rounds; a picture's time is its index over the rate. */
  #nextIndex = 0;
  #isStopped = false;

  constructor(config: ReplayConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#recording = await openRecording(this.#config.path, this.#config.fps);
    if (this.#isStopped) await this.#recording.close();
    signal.throwIfAborted();
    this.#startedAtMs = this.#clock.nowMs();
  }

  async next(signal: AbortSignal): Promise<Frame> {
    signal.throwIfAborted();
    const recording = this.#recording;
    if (recording === undefined || this.#isStopped) throw ended("the recording is not open");
    const periodMs = 1000 / recording.framesPerSecond;
    let index = this.#nextIndex;
    if (this.#config.pace === "real") {
      index = Math.max(index, dueIndex(this.#clock.nowMs() - this.#startedAtMs, recording.framesPerSecond));
      await this.#sleepUntil(this.#startedAtMs + index * periodMs, signal);
    }
    const skip = index - this.#nextIndex;
    this.#nextIndex = index + 1;
    const image = (await recording.read(skip)) ?? (await this.#rewind());
    if (this.#isStopped) throw ended("the recording was closed");
    return { ...image, capturedAtMs: this.#startedAtMs + index * periodMs, sequence: index };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#recording?.close();
  }

  async #rewind(): Promise<{ rgb: Uint8Array; width: number; height: number }> {
    await this.#recording?.close();
    if (!this.#config.loop) throw ended("the recording has ended");
    const recording = await openRecording(this.#config.path, this.#config.fps);
    this.#recording = recording;
    if (this.#isStopped) await recording.close();
    const image = await recording.read(0);
    if (image === null) throw ended("the recording is empty");
    return image;
  }

  async #sleepUntil(dueMs: number, signal: AbortSignal): Promise<void> {
    const waitMs = dueMs - this.#clock.nowMs();
    if (waitMs <= 0) return;
    try {
      await delay(waitMs, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}

function ended(what: string): LintelError {
  return new LintelError("LINTEL_E_CAMERA_LOST", `Camera lost: ${what}`, {
    hint: "Set camera.loop to play it again and again.",
  });
}
