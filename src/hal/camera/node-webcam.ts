import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Frame, RgbImage } from "../../pipeline/types.ts";
import type { Camera } from "../api.ts";
import { frameHeight, frameWidth } from "./config-parts.ts";
import type { CameraDeps } from "./deps.ts";
import { cameraIdentityConfig } from "./identity.ts";
import { isWholeJpeg } from "./jpeg-check.ts";
import { makeShotFolder } from "./shot-folder.ts";

/**
 * Single shots through the package node-webcam and the program fswebcam. Every shot opens the device anew, so this is a
 * camera of one or two pictures a second: enough to try things out, too slow for most liveness cues.
 */
export const nodeWebcamConfig = z
  .strictObject({
    driver: z.literal("node-webcam").describe("Single shots through fswebcam; slow, for trying things out."),
    device: z
      .string()
      .default("/dev/video0")
      // node-webcam builds a shell command from it: nothing but these three forms may pass
      .refine(isSafeDevice, "must be /dev/videoN, TEST: or FILE:/absolute/path of letters, digits and . _ @ - /")
      .describe("/dev/videoN, TEST: for a test picture, or FILE:/absolute/path of a picture."),
    width: frameWidth.default(640),
    height: frameHeight.default(480),
    quality: z.number().int().min(50).max(95).default(90).describe("JPEG quality of the shots."),
    shotTimeoutMs: z
      .number()
      .int()
      .min(500)
      .max(30_000)
      .default(5000)
      .describe("A shot that takes longer is given up; the third failure in a row is a lost camera."),
    identity: cameraIdentityConfig.optional().describe("Which device the camera must be; any other is refused."),
  })
  .refine(({ device, identity }) => identity === undefined || device.startsWith("/dev/"), {
    path: ["identity"],
    message: "only a local camera (/dev/videoN) has an identity",
  });
export type NodeWebcamConfig = z.infer<typeof nodeWebcamConfig>;

export function isSafeDevice(device: string): boolean {
  return (
    /^(?:\/dev\/video\d{1,3}|TEST:|FILE:(?:\/[A-Za-z0-9_@-][A-Za-z0-9._@-]*)+)$/.test(device) && !device.includes("\n")
  );
}

export function createNodeWebcamCamera(config: NodeWebcamConfig, deps: CameraDeps): Camera {
  return new NodeWebcamCamera(config, deps);
}

const attempts = 3;
const stopPatienceMs = 1000;

class NodeWebcamCamera implements Camera {
  readonly #config: NodeWebcamConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #takePicture: ((folder: string) => Promise<Buffer>) | undefined;
  #decode: ((jpeg: Buffer) => Promise<RgbImage>) | undefined;
  #folder: string | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #first: Frame | undefined;
  #sequence = 0;

  constructor(config: NodeWebcamConfig, { clock, logger }: CameraDeps) {
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#takePicture = await shotTaker(this.#config);
    this.#decode = await jpegDecoder(this.#config);
    this.#folder = await makeShotFolder();
    this.#first = await this.next(signal);
  }

  /** Takes a shot now, so a picture is never older than its own exposure; shots never overlap. */
  async next(signal: AbortSignal): Promise<Frame> {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined && this.#clock.nowMs() - first.capturedAtMs < 200) return first;
    const either = AbortSignal.any([signal, this.#stop.signal]);
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      if (this.#stop.signal.aborted) throw lost("it was stopped");
      try {
        return await aborted(this.#shoot(), either);
      } catch (error) {
        if (either.aborted) continue;
        if (attempt === attempts) throw lost(errorText(error));
        this.#logger.warn({ attempt, reason: errorText(error) }, "shot failed");
      }
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    const folder = this.#folder;
    this.#folder = undefined;
    if (folder === undefined) return;
    // a shot that hangs is ended by its own limit; it finds no folder to write to then
    await Promise.race([this.#running, delay(stopPatienceMs, undefined, { ref: false })]);
    await rm(folder, { recursive: true, force: true });
  }

  #shoot(): Promise<Frame> {
    const shot = this.#running.then(() => this.#expose());
    this.#running = shot.catch(() => {});
    return shot;
  }

  async #expose(): Promise<Frame> {
    const folder = this.#folder;
    if (folder === undefined || this.#takePicture === undefined || this.#decode === undefined) {
      throw new Error("the camera does not run");
    }
    const jpeg = await this.#takePicture(folder);
    const capturedAtMs = this.#clock.nowMs();
    const image = await this.#decode(jpeg);
    return { ...image, capturedAtMs, sequence: this.#sequence++ };
  }
}

/** Resolves or rejects with the work, or rejects at once when the signal aborts. */
function aborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  });
}

async function shotTaker(config: NodeWebcamConfig): Promise<(folder: string) => Promise<Buffer>> {
  // the configuration was checked, but what goes into a shell command is checked where it goes in
  if (!isSafeDevice(config.device)) throw new LintelError("LINTEL_E_CONFIG", "camera.device is not allowed.");
  const { default: nodeWebcam } = await import("node-webcam");
  const camera = nodeWebcam.create({
    width: config.width,
    height: config.height,
    quality: config.quality,
    delay: 0,
    skip: 0,
    frames: 1,
    output: "jpeg",
    device: config.device,
    callbackReturn: "location",
    // the default keeps every picture in memory
    saveShots: false,
    verbose: false,
  });
  // node-webcam never gives up on a dead device; timeout (coreutils) does
  camera.bin = `timeout --kill-after=0.5 ${config.shotTimeoutMs / 1000} fswebcam`;
  let count = 0;
  return async (folder) => {
    const file = join(folder, `shot-${count++}.jpg`);
    try {
      await new Promise<void>((resolve, reject) => {
        // without its extension: everything after the first dot is taken for one
        camera.capture(file.slice(0, -4), (error) => (error === null ? resolve() : reject(shotError(error))));
      });
      const jpeg = await readFile(file);
      if (!isWholeJpeg(jpeg)) throw new Error("the shot is not a whole JPEG picture");
      return jpeg;
    } finally {
      await rm(file, { force: true });
    }
  };
}

/** The shell command is no part of the reason. */
function shotError(error: Error): Error {
  const code = "code" in error ? error.code : undefined;
  if (code === 124 || code === 137) return new Error("the shot took too long");
  if (code === 127) return new Error("the program fswebcam is not installed");
  return new Error(error.message.startsWith("Command failed") ? "fswebcam failed" : error.message);
}

async function jpegDecoder({ width, height }: NodeWebcamConfig): Promise<(jpeg: Buffer) => Promise<RgbImage>> {
  const { default: sharp } = await import("sharp");
  return async (jpeg) => {
    const fitted = sharp(jpeg, { limitInputPixels: 50_000_000 })
      .rotate()
      .resize(width, height, { fit: "contain", background: "black" })
      .toColourspace("srgb");
    const rgb = await fitted.removeAlpha().raw().toBuffer();
    if (rgb.length !== width * height * 3) throw new Error("the shot is not a colour picture");
    return { rgb, width, height };
  };
}

function lost(reason: string): LintelError {
  return new LintelError("LINTEL_E_CAMERA_LOST", `Camera lost: ${reason}`, {
    hint: "Check that fswebcam is installed (apt-get install fswebcam), that the camera is plugged in and that nobody else uses it.",
  });
}
