import type { FfmpegVersion } from "./ffmpeg-version.ts";

/** The argument vector of ffmpeg, built from validated configuration. Nothing here passes through a shell. */

export type SourceKind =
  | { readonly kind: "device" | "file" | "test" | "rtsp" }
  | { readonly kind: "invalid"; readonly message: string };

const devicePattern = /^\/dev\/(?:video\d{1,3}|v4l\/by-(?:id|path)\/[\w.:+@-]{1,200})$/;

/** What a configured source is, or why it can not be one. */
export function classifySource(source: string): SourceKind {
  if (/\p{Cc}/u.test(source)) return { kind: "invalid", message: "control characters are not allowed" };
  if (source === "TEST:") return { kind: "test" };
  if (devicePattern.test(source)) return { kind: "device" };
  if (source.startsWith("/dev/")) {
    return { kind: "invalid", message: "a local camera is /dev/videoN or a link under /dev/v4l/by-id or by-path" };
  }
  if (source.startsWith("/")) return { kind: "file" };
  return classifyUrl(source);
}

function classifyUrl(source: string): SourceKind {
  const url = URL.canParse(source) ? new URL(source) : null;
  if (url === null || (url.protocol !== "rtsp:" && url.protocol !== "rtsps:") || url.hostname === "") {
    return { kind: "invalid", message: "must be /dev/videoN, rtsp://host/path, an absolute path or TEST:" };
  }
  if (url.username !== "" || url.password !== "" || source.includes("@")) {
    return {
      kind: "invalid",
      message: "no user name or password in the address: put them into camera.credentialsFile",
    };
  }
  return { kind: "rtsp" };
}

export interface StreamCredentials {
  readonly user: string;
  readonly password: string;
}

/** Reads `user:password` (the password may hold colons); null when it is not that. */
export function parseCredentials(text: string): StreamCredentials | null {
  const match = /^([^:\p{Cc}]+):([^\p{Cc}]+)\r?\n?$/u.exec(text);
  return match === null ? null : { user: match[1] ?? "", password: match[2] ?? "" };
}

export interface FfmpegInput {
  readonly source: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly inputFormat?: string | undefined;
  readonly rotateDeg: 0 | 90 | 180 | 270;
  readonly loop: boolean;
  readonly silenceMs: number;
}

export interface FfmpegEnvironment {
  readonly version: FfmpegVersion;
  readonly credentials: StreamCredentials | null;
}

/** Arguments for endless rgb24 frames of the configured size on standard output, each as soon as it is there. */
export function buildFfmpegArgs(input: FfmpegInput, environment: FfmpegEnvironment): string[] {
  return [
    ...["-hide_banner", "-loglevel", "error", "-nostdin"],
    ...inputArgs(input, environment),
    ...["-map", "0:v:0", "-vf", filters(input)],
    ...["-f", "rawvideo", "-pix_fmt", "rgb24"],
    // an output option on purpose: the encoder's frame threads would hold every picture back for one frame interval
    ...["-threads", "1"],
    ...passthrough(environment.version),
    "pipe:1",
  ];
}

function inputArgs(input: FfmpegInput, environment: FfmpegEnvironment): string[] {
  const { source, width, height, fps } = input;
  switch (classifySource(source).kind) {
    case "device":
      return [
        ...["-fflags", "nobuffer", "-probesize", "32", "-analyzeduration", "0"],
        ...["-f", "v4l2", "-framerate", String(fps), "-video_size", `${width}x${height}`],
        ...(input.inputFormat === undefined ? [] : ["-input_format", input.inputFormat]),
        ...["-i", source],
      ];
    case "rtsp":
      return ["-fflags", "nobuffer", "-flags", "low_delay", ...rtspArgs(input, environment)];
    case "test":
      return ["-re", "-f", "lavfi", "-i", `testsrc2=size=${width}x${height}:rate=${fps}`];
    case "file":
      // file: keeps names with a colon from being taken for a protocol
      return ["-re", ...(input.loop ? ["-stream_loop", "-1"] : []), "-i", `file:${source}`];
    default:
      throw new Error("an invalid source passed the configuration schema");
  }
}

function rtspArgs({ source, silenceMs }: FfmpegInput, { version, credentials }: FfmpegEnvironment): string[] {
  if (credentials !== null) {
    return [
      "-f",
      "concat",
      "-safe",
      "0",
      "-protocol_whitelist",
      "pipe,tcp,tls,udp,rtp,crypto,rtsp,rtsps",
      "-i",
      "pipe:0",
    ];
  }
  // The option was renamed in 5.0.
  const timeout = version.major < 5 ? "-stimeout" : "-timeout";
  return ["-rtsp_transport", "tcp", timeout, rtspTimeoutUs(silenceMs), "-i", source];
}

/**
 * What ffmpeg reads on its standard input: the address of a network camera with its password, as a playlist with one entry
 * (ffconcat). Every user of the machine can read the arguments of a program, and nobody a pipe. Undefined: nothing is to be hidden.
 */
export function buildFfmpegPlaylist(input: FfmpegInput, environment: FfmpegEnvironment): string | undefined {
  const { version, credentials } = environment;
  if (credentials === null || classifySource(input.source).kind !== "rtsp") return undefined;
  const address = withCredentials(input.source, credentials);
  // Before 5.0 an entry takes no options; the transport can stand in the address then, and the time limit is the reader's own.
  const lines =
    version.major < 5
      ? [fileLine(`${address}${address.includes("?") ? "&" : "?"}tcp`)]
      : [fileLine(address), "option rtsp_transport tcp", `option timeout ${rtspTimeoutUs(input.silenceMs)}`];
  return ["ffconcat version 1.0", ...lines, ""].join("\n");
}

function fileLine(address: string): string {
  return `file '${address.replaceAll("'", String.raw`'\''`)}'`;
}

/** Without it a camera that falls silent would be waited for without end. */
function rtspTimeoutUs(silenceMs: number): string {
  return String(Math.max(silenceMs, 1000) * 1000);
}

/** Every frame once, when it comes: none doubled or dropped to even out the rate. Renamed in 5.1. */
function passthrough({ major, minor }: FfmpegVersion): string[] {
  const isOld = major < 5 || (major === 5 && minor < 1);
  return isOld ? ["-vsync", "passthrough"] : ["-fps_mode", "passthrough"];
}

function withCredentials(source: string, credentials: StreamCredentials): string {
  const userInfo = `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}`;
  return source.replace(/^(rtsps?:\/\/)/, (scheme) => `${scheme}${userInfo}@`);
}

const turns = { 0: [], 90: ["transpose=clock"], 180: ["hflip", "vflip"], 270: ["transpose=cclock"] } as const;

/** Upright, then fitted into the frame with borders: a face must not be stretched. */
function filters({ width, height, rotateDeg }: FfmpegInput): string {
  return [
    ...turns[rotateDeg],
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:-1:-1`,
    "setsar=1",
  ].join(",");
}
