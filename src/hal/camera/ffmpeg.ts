import { readFile } from "node:fs/promises";
import { z } from "zod";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Frame } from "../../pipeline/types.ts";
import type { Camera } from "../api.ts";
import { frameHeight, frameWidth, silenceMs, startTimeoutMs } from "./config-parts.ts";
import type { CameraDeps } from "./deps.ts";
import {
  buildFfmpegArgs,
  buildFfmpegPlaylist,
  classifySource,
  parseCredentials,
  type StreamCredentials,
} from "./ffmpeg-args.ts";
import { findFfmpeg } from "./ffmpeg-version.ts";
import { cameraIdentityConfig } from "./identity.ts";
import { RawReader } from "./raw-reader.ts";
import { redactUrls } from "./redact.ts";

/** Cameras through the program ffmpeg: USB (V4L2), network (RTSP over TCP), a file, or its test picture. */
export const ffmpegConfig = z
  .strictObject({
    driver: z.literal("ffmpeg").describe("Cameras through the program ffmpeg."),
    source: z
      .string()
      .max(2000)
      .default("/dev/video0")
      .superRefine((source, context) => {
        const found = classifySource(source);
        if (found.kind === "invalid") context.addIssue({ code: "custom", message: found.message });
      })
      .describe(
        "/dev/videoN, /dev/v4l/by-id/…, rtsp://host/path, /absolute/path/of/a/video, or TEST: for a test picture.",
      ),
    width: frameWidth.default(640),
    height: frameHeight.default(480),
    fps: z
      .number()
      .min(1)
      .max(120)
      .default(15)
      .describe("Pictures a second asked of a local camera or the test picture."),
    inputFormat: z
      .string()
      .regex(/^[a-z0-9_]{1,20}$/, "a V4L2 format is a word such as mjpeg, yuyv422 or h264")
      .optional()
      .describe("Format asked of a local camera (mjpeg, yuyv422, h264 …); absent: the camera's own choice."),
    rotateDeg: z
      .union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)])
      .default(0)
      .describe("Turns the picture clockwise, for a camera that is mounted on its side or upside down."),
    loop: z.boolean().default(false).describe("Plays a file again and again instead of ending as a lost camera."),
    credentialsFile: z
      .string()
      .regex(/^\/[^\p{Cc}]*$/u, "must be an absolute path")
      .optional()
      .describe("File with one line user:password for an RTSP camera; kept out of the configuration and of every log."),
    identity: cameraIdentityConfig.optional().describe("Which device a local camera must be; any other is refused."),
    holdForLight: z
      .boolean()
      .optional()
      .describe(
        "Holds exposure, gain and white balance of a local camera while the display shines in colours; automatic from the start on and afterwards. Absent: true for a local camera where liveness.colouredLight is deny.",
      ),
    silenceMs: silenceMs.default(2000),
    startTimeoutMs: startTimeoutMs.default(10_000),
  })
  .refine(({ source, identity }) => identity === undefined || classifySource(source).kind === "device", {
    path: ["identity"],
    message: "only a local camera (/dev/…) has an identity; a camera on the network is known by its address",
  })
  .refine(({ source, holdForLight }) => !holdForLight || classifySource(source).kind === "device", {
    path: ["holdForLight"],
    message: "only a local camera (/dev/…) can be held",
  });
export type FfmpegConfig = z.infer<typeof ffmpegConfig>;

export function createFfmpegCamera(config: FfmpegConfig, deps: CameraDeps): Camera {
  return new FfmpegCamera(config, deps);
}

class FfmpegCamera implements Camera {
  readonly #config: FfmpegConfig;
  readonly #deps: CameraDeps;
  #reader: RawReader | undefined;
  #isStopped = false;

  constructor(config: FfmpegConfig, deps: CameraDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { width, height, silenceMs, startTimeoutMs, credentialsFile } = this.#config;
    const version = await findFfmpeg(signal);
    const credentials = credentialsFile === undefined ? null : await readCredentials(credentialsFile);
    signal.throwIfAborted();
    if (this.#isStopped) throw new LintelError("LINTEL_E_CAMERA_LOST", "The camera was stopped.");
    const environment = { version, credentials };
    const args = buildFfmpegArgs(this.#config, environment);
    const input = buildFfmpegPlaylist(this.#config, environment);
    this.#reader = new RawReader(
      {
        source: { kind: "command", command: "ffmpeg", args, frameDescriptor: 1, input },
        width,
        height,
        silenceMs,
        startTimeoutMs,
        hint: hintFor(this.#config.source),
        redact: redactUrls,
      },
      this.#deps.logger,
    );
    await this.#reader.start(signal);
  }

  async next(signal: AbortSignal): Promise<Frame> {
    if (this.#reader === undefined) throw new LintelError("LINTEL_E_CAMERA_LOST", "The camera does not run.");
    return this.#reader.next(signal);
  }

  relax(isIdle: boolean): void {
    this.#reader?.relax(isIdle);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#reader?.stop();
  }
}

async function readCredentials(path: string): Promise<StreamCredentials> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new LintelError("LINTEL_E_CONFIG", `The camera's credentials file cannot be read: ${errorText(error)}`, {
      hint: "Check camera.credentialsFile and who may read it.",
    });
  }
  const credentials = parseCredentials(text);
  if (credentials === null) {
    throw new LintelError("LINTEL_E_CONFIG", `The camera's credentials file ${path} does not hold user:password.`, {
      hint: "Write one line, the user name and the password with a colon between them.",
    });
  }
  return credentials;
}

function hintFor(source: string): string {
  switch (classifySource(source).kind) {
    case "device":
      return "Check that the camera is plugged in, that no other program uses it, and that Lintel is in the group video.";
    case "rtsp":
      return "Check the camera's network, its address and its credentials.";
    default:
      return "Check that the file exists and is a video.";
  }
}
