import { Worker } from "node:worker_threads";
import { LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Frame } from "../../pipeline/types.ts";
import type { Camera } from "../api.ts";
import type { RawReaderCommand, RawReaderJob, RawReaderMessage, RawSource } from "./raw-protocol.ts";
import { createTripleBufferMemory, TripleBufferReader } from "./triple-buffer.ts";
import { Waiter } from "./waiter.ts";

export interface RawReaderOptions {
  readonly source: RawSource;
  readonly width: number;
  readonly height: number;
  readonly silenceMs: number;
  readonly startTimeoutMs: number;
  /** What a person should look at when the camera is lost. */
  readonly hint: string;
  /** Takes secrets out of what a program said, before it reaches an error or a log. */
  readonly redact?: (text: string) => string;
}

const stopDeadlineMs = 1500;

/**
 * A camera whose raw rgb24 frames are read by a thread of its own into a shared triple buffer: a main thread that was busy
 * for a second gets the newest picture next, not the oldest. The pixels of a frame stay untouched until the next `next()`.
 */
export class RawReader implements Camera {
  readonly #options: RawReaderOptions;
  readonly #logger: Logger;
  readonly #waiter = new Waiter();
  #buffer: TripleBufferReader | undefined;
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #lost: LintelError | undefined;
  #stopping: Promise<void> | undefined;
  #firstFrame: Frame | undefined;

  constructor(options: RawReaderOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#worker !== undefined) throw new Error("the camera was started twice");
    signal.throwIfAborted();
    const { source, width, height, silenceMs, startTimeoutMs } = this.#options;
    const memory = createTripleBufferMemory(width * height * 3);
    this.#buffer = new TripleBufferReader(memory);
    const job: RawReaderJob = { source, memory, silenceMs, startTimeoutMs };
    // the compiled name: a worker thread can not load TypeScript
    const worker = new Worker(new URL("./raw-reader-worker.js", import.meta.url), { workerData: job });
    this.#worker = worker;
    this.#ended = new Promise((resolve) => worker.once("exit", () => resolve()));
    worker.on("message", (message: RawReaderMessage) => this.#onMessage(message));
    worker.on("error", (error) => this.#lose("the reading thread failed", error.message));
    worker.once("exit", () => this.#lose("the reading thread ended", ""));
    try {
      // kept for the first next(): a picture that proved that the camera runs is not thrown away
      this.#firstFrame = await this.next(signal);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#logger.info({ width, height }, "camera runs");
  }

  async next(signal: AbortSignal): Promise<Frame> {
    const first = this.#firstFrame;
    this.#firstFrame = undefined;
    for (;;) {
      signal.throwIfAborted();
      if (this.#lost !== undefined) throw this.#lost;
      const frame = this.#take() ?? first;
      if (frame !== undefined) return frame;
      await this.#waiter.wait(signal);
    }
  }

  relax(isIdle: boolean): void {
    this.#buffer?.setIdle(isIdle);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#lost ??= new LintelError("LINTEL_E_CAMERA_LOST", "The camera was stopped.");
    this.#waiter.wake();
    const worker = this.#worker;
    if (worker === undefined) return;
    const command: RawReaderCommand = "stop";
    worker.postMessage(command);
    const force = setTimeout(() => void worker.terminate(), stopDeadlineMs);
    await this.#ended;
    clearTimeout(force);
  }

  #take(): Frame | undefined {
    const slot = this.#buffer?.take() ?? null;
    if (slot === null) return undefined;
    const { width, height } = this.#options;
    return { rgb: slot.pixels, width, height, capturedAtMs: slot.capturedAtMs, sequence: slot.sequence };
  }

  #onMessage(message: RawReaderMessage): void {
    if (message.type === "lost") this.#lose(message.reason, message.detail);
    else this.#waiter.wake();
  }

  #lose(reason: string, detail: string): void {
    const redact = this.#options.redact ?? ((text: string) => text);
    const because = detail === "" ? "" : `: ${redact(detail)}`;
    this.#lost ??= new LintelError("LINTEL_E_CAMERA_LOST", `Camera lost: ${redact(reason)}${because}`, {
      hint: this.#options.hint,
    });
    this.#waiter.wake();
  }
}
