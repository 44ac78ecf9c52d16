import type { Readable, Writable } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import { readJsonLines, writeJsonLine } from "../core/json-lines.ts";
import type { Logger } from "../core/logger.ts";
import type { Camera } from "../hal/api.ts";
import type { Engine } from "../pipeline/engine.ts";
import type { FittedModel } from "../pipeline/liveness/fitted.ts";
import { doorLimits, type QualityLimits } from "../pipeline/quality.ts";
import { AimView } from "./aim-view.ts";
import { runCameraLoop } from "./camera-loop.ts";
import type { VisionScheduling } from "./config.ts";
import { FreshCamera, LastPicture } from "./fresh-camera.ts";
import { type DoorNetworks, openDoorNetworks } from "./networks.ts";
import { type CameraProblem, type VisionMessage, visionCommand } from "./protocol.ts";
import { ViewCheck } from "./view-check.ts";
import { Vitals } from "./vitals.ts";
import { Watcher } from "./watcher.ts";

export interface VisionParts {
  readonly engine: Engine;
  /** Which models the engine opened, for `ready`. */
  readonly models: Readonly<Record<string, string>>;
  openCamera(): Camera;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Commands of the control plane, JSON Lines; its end ends the session. */
  readonly input: Readable;
  /** Messages to the control plane, JSON Lines. */
  readonly output: Writable;
  readonly scheduling: VisionScheduling;
  readonly limits?: QualityLimits;
  /** Use the anti-spoofing networks, which are installed. */
  readonly antiSpoof?: boolean;
  /** Called once the networks are open, before anything is looked at. */
  readonly onOpened?: (() => void) | undefined;
  /** Called with each report of health. */
  readonly onHealth?: (() => void) | undefined;
  /** Fitted for this door: may deny what the cues grant. */
  readonly fitted?: FittedModel | undefined;
}

/** Commands are short. */
const maxCommandBytes = 4096;
/** A control plane that does not read gets no more sightings: they would be stale when it does. */
const maxUnreadBytes = 256 * 1024;

/**
 * Watches a door until the signal aborts or the input closes. Resolves with everything stopped. Rejects when a network fails
 * (`LINTEL_E_MODEL`): the process should then end and be started anew.
 */
export async function runVision(parts: VisionParts, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const session = new VisionSession(parts);
  const health = setInterval(() => session.reportHealth(), parts.scheduling.healthEveryMs);
  session.listen(end);
  try {
    await session.run(stop.signal);
  } finally {
    clearInterval(health);
    end();
    signal.removeEventListener("abort", end);
    await parts.engine.close();
  }
}

// --- internal ---

class VisionSession {
  readonly #parts: VisionParts;
  readonly #vitals = new Vitals();
  readonly #aim = new AimView((message) => this.#send(message));
  #watcher: Watcher | undefined;
  /** What happened to the camera before `ready`, which is always the first message. */
  readonly #early: VisionMessage[] = [];
  readonly #lastPicture = new LastPicture();
  readonly #view = new ViewCheck();
  /** What the control plane knows of the camera: repeated failures to open are told once. */
  #toldProblem: CameraProblem | null | undefined;

  /** Until then the display shines in colours, or is about to. */
  #litUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: VisionParts) {
    this.#parts = parts;
  }

  listen(onClose: () => void): void {
    readJsonLines(this.#parts.input, maxCommandBytes, {
      onMessage: (message) => this.#obey(message),
      onBadLine: (reason) => this.#parts.logger.warn({ reason }, "bad command line dropped"),
      onClose,
    });
    this.#parts.input.resume();
    this.#parts.output.on("error", onClose);
  }

  /** The camera opens while the networks load. */
  async run(signal: AbortSignal): Promise<void> {
    const opening = this.#openWatcher();
    opening.catch(() => {});
    await runCameraLoop(
      {
        openCamera: () => this.#openCamera(),
        clock: this.#parts.clock,
        onFrame: async (frame) => {
          const watcher = await opening;
          await watcher.look(frame);
          const nowMs = this.#parts.clock.nowMs();
          this.#vitals.frameDone(frame.capturedAtMs, nowMs);
          this.#noteCamera(this.#view.look(frame));
          // Not waited for: the door comes first.
          this.#aim.frameDone(frame, nowMs).catch((error) => {
            this.#parts.logger.warn({ reason: errorText(error) }, "picture for aiming not made");
          });
        },
        onState: (problem, reason) => {
          if (problem !== null) this.#forgetView();
          this.#noteCamera(problem, reason);
        },
      },
      signalOf(opening, signal),
    );
    await opening;
  }

  reportHealth(): void {
    if (!this.#watcher) return;
    const nowMs = this.#parts.clock.nowMs();
    const { isIdle } = this.#watcher;
    this.#send({ type: "health", ...this.#vitals.report(nowMs), isIdle, atMs: nowMs });
    this.#parts.onHealth?.();
  }

  async #openWatcher(): Promise<Watcher> {
    const { engine, clock, scheduling, models } = this.#parts;
    const networks: DoorNetworks = await openDoorNetworks(engine, {
      antiSpoof: this.#parts.antiSpoof === true,
      recognises: true,
    });
    this.#parts.onOpened?.();
    const watcher = new Watcher({
      networks,
      fitted: this.#parts.fitted,
      limits: this.#parts.limits ?? doorLimits,
      scheduling,
      clock,
      send: (message) => this.#send(message),
    });
    this.#watcher = watcher;
    const { name, device, precision = "float32" } = engine;
    this.#send({ type: "ready", engine: name, device, precision, models: { ...models } });
    for (const message of this.#early.splice(0)) this.#send(message);
    return watcher;
  }

  #obey(message: unknown): void {
    const command = visionCommand.safeParse(message);
    if (!command.success) {
      this.#parts.logger.warn({}, "unknown command dropped");
      return;
    }
    switch (command.data.type) {
      case "track":
        this.#watcher?.setDecided(command.data.trackId, command.data.state === "decided");
        return;
      case "challenge": {
        const { type: _, trackId, ...step } = command.data;
        this.#watcher?.challenge(trackId, step);
        return;
      }
      case "light": {
        const { type: _, trackId, ...step } = command.data;
        this.#watcher?.light(trackId, step);
        return;
      }
      case "hold":
        this.#litUntilMs = command.data.untilMs;
        return;
      case "aim":
        this.#aim.until(command.data.untilMs);
        this.#watcher?.aim(command.data.untilMs);
    }
  }

  #openCamera(): Camera {
    const isWatched = () => this.#watcher?.isIdle === false;
    const isStill = () => this.#watcher?.isStill === true;
    const { clock } = this.#parts;
    const isLit = () => clock.nowMs() < this.#litUntilMs;
    return new FreshCamera(this.#parts.openCamera(), { last: this.#lastPicture, isWatched, isStill, isLit, clock });
  }

  #forgetView(): void {
    this.#vitals.cameraLost();
    this.#view.reset();
    this.#watcher?.forgetAll();
  }

  /** Null: it runs, and there is something to see. */
  #noteCamera(problem: CameraProblem | null, reason?: string): void {
    if (problem === this.#toldProblem) return;
    this.#toldProblem = problem;
    const { clock, logger } = this.#parts;
    logger.debug({ problem, reason }, "camera");
    const state = problem === null || problem === "dark" || problem === "covered" ? "ok" : "lost";
    this.#send({
      ...{ type: "camera", state, atMs: clock.nowMs() },
      ...(problem === null ? {} : { problem }),
      ...(reason === undefined ? {} : { reason }),
    });
  }

  #send(message: VisionMessage): void {
    const { output } = this.#parts;
    if (!this.#watcher) {
      this.#early.push(message);
      return;
    }
    const isSkippable = message.type === "sighting" || message.type === "aim";
    if (isSkippable && output.writableLength > maxUnreadBytes) return;
    if (message.type === "sighting") this.#aim.note(message);
    writeJsonLine(output, message);
  }
}

/** Aborts with the signal, and when the work fails. */
function signalOf(work: Promise<unknown>, signal: AbortSignal): AbortSignal {
  const failed = new AbortController();
  work.catch(() => failed.abort());
  return AbortSignal.any([signal, failed.signal]);
}
