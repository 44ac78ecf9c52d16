import type { Clock } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import { visionEnvironment } from "../vision/environment.ts";
import {
  type CameraProblem,
  maxVisionLineBytes,
  type Sighting,
  type VisionCommand,
  type VisionMessage,
  visionMessage,
} from "../vision/protocol.ts";
import { startChild } from "./child-process.ts";
import { connectChild } from "./child-socket.ts";
import { Supervisor } from "./supervisor.ts";

/** Who acts on what vision sees. */
export interface VisionListener {
  sighted(sighting: Sighting): void;
  trackEnded(trackId: number): void;
  /** Vision is gone or new: nothing it said before counts. */
  reset(): void;
}

/** A picture of what the camera sees, with what was found in it. */
export type AimPicture = Extract<VisionMessage, { type: "aim" }>;

export interface VisionStatus {
  readonly isUp: boolean;
  readonly isReady: boolean;
  readonly camera: "ok" | "lost" | "unknown";
  /** Why nobody can be recognised though vision works; null: nothing is known to be wrong. */
  readonly cameraProblem: CameraProblem | null;
  readonly fps: number | null;
  readonly latencyMs: { readonly p50: number; readonly p95: number } | null;
  readonly engine: string | null;
  readonly models: Readonly<Record<string, string>>;
  /** When it last said anything, and when the newest frame was taken that it has looked at (monotonic); null: never. */
  readonly heardMs: number | null;
  readonly frameMs: number | null;
  /** Nothing moves before the camera. */
  readonly isIdle: boolean;
}

const unknownStatus: Omit<VisionStatus, "isUp"> = {
  heardMs: null,
  frameMs: null,
  isIdle: false,
  isReady: false,
  camera: "unknown",
  cameraProblem: null,
  fps: null,
  latencyMs: null,
  engine: null,
  models: {},
};

/** Vision says something at least once a second; this long without a word means that it hangs. */
const silenceMs = 5000;
/** Compiling the networks on the first start may take this long. */
const startupMs = 60_000;
/** A message as long as this is no sighting; photographs never come this way. */
const maxLineBytes = Math.min(maxVisionLineBytes, 256 * 1024);

/** The supervised vision process and what is known of it. */
export class VisionLink {
  readonly #supervisor: Supervisor<VisionMessage>;
  readonly #listener: VisionListener;
  readonly #onAim: (picture: AimPicture) => void;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #status = unknownStatus;
  #startedMs = 0;

  constructor(options: {
    /** First line for the process; see `vision/config.ts`. */
    readonly config: unknown;
    /** Where a vision service listens; absent: the process is spawned. */
    readonly socketPath?: string | undefined;
    readonly listener: VisionListener;
    /** Hears of pictures, which come only while they are asked for. */
    readonly onAim?: (picture: AimPicture) => void;
    readonly clock: Clock;
    readonly timers: Timers;
    readonly logger: Logger;
  }) {
    const { config, socketPath, clock, timers, listener } = options;
    this.#clock = clock;
    this.#listener = listener;
    this.#onAim = options.onAim ?? (() => {});
    this.#logger = options.logger.child({ component: "vision" });
    const deps = { clock, timers, logger: this.#logger };
    const spec = {
      name: "vision",
      entry: new URL("../vision/main.js", import.meta.url),
      env: visionEnvironment,
      schema: visionMessage,
      maxLineBytes,
      isExpendable: true,
      firstMessage: config,
    };
    this.#supervisor = new Supervisor<VisionMessage>({
      ...deps,
      name: spec.name,
      launch: (handlers) =>
        socketPath === undefined
          ? startChild(spec, handlers, deps)
          : connectChild(socketPath, spec, { handlers, deps }),
      silenceMs,
      startupMs,
      onMessage: (message) => this.#take(message),
      onUp: () => {
        this.#startedMs = clock.nowMs();
      },
      onDown: () => {
        this.#status = unknownStatus;
        listener.reset();
      },
    });
  }

  get status(): VisionStatus {
    return { isUp: this.#supervisor.isUp, ...this.#status };
  }

  /** When the present process was started, on the monotonic clock. */
  get startedMs(): number {
    return this.#startedMs;
  }

  start(): void {
    this.#supervisor.start();
  }

  stop(): Promise<void> {
    return this.#supervisor.stop();
  }

  command(command: VisionCommand): void {
    this.#supervisor.send(command);
  }

  // --- internal ---

  #take(message: VisionMessage): void {
    this.#status = { ...this.#status, heardMs: this.#clock.nowMs() };
    switch (message.type) {
      case "ready":
        this.#status = {
          ...this.#status,
          isReady: true,
          engine: [message.engine, message.device, ...(message.precision === "int8" ? ["int8"] : [])].join("/"),
          models: message.models,
        };
        this.#logger.info({ engine: this.#status.engine }, "vision ready");
        break;
      case "camera":
        this.#noteCamera(message);
        break;
      case "health":
        this.#status = {
          ...this.#status,
          fps: message.fps,
          latencyMs: message.latencyMs,
          frameMs: message.frameAgeMs === null ? null : message.atMs - message.frameAgeMs,
          isIdle: message.isIdle,
        };
        break;
      case "track-ended":
        this.#listener.trackEnded(message.trackId);
        break;
      case "sighting":
        this.#sighted(message);
        break;
      case "aim":
        this.#onAim(message);
        break;
    }
  }

  #noteCamera({ state, problem, reason }: Extract<VisionMessage, { type: "camera" }>): void {
    this.#status = { ...this.#status, camera: state, cameraProblem: problem ?? null, frameMs: null };
    if (state === "lost") this.#logger.warn({ problem, reason }, "camera lost");
    else if (problem) this.#logger.warn({ problem }, "the camera shows nothing: no light, or something before it");
    else this.#logger.info({}, "camera ok");
  }

  /** A sighting that cannot be judged (a vector that is none, a full disk) must not take the door's process with it. */
  #sighted(sighting: Sighting): void {
    try {
      this.#listener.sighted(sighting);
    } catch (error) {
      this.#logger.error({ track: sighting.trackId, error: errorText(error) }, "sighting not judged");
    }
  }
}
