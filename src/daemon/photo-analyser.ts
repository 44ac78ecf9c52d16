import { randomUUID } from "node:crypto";
import { LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { systemTimers, type Timers } from "../core/timers.ts";
import {
  maxPhotoBytes,
  type PhotoAnswer,
  type PhotoProblem,
  type PhotoPurpose,
  type PhotoRequest,
} from "../vision/protocol.ts";
import type { PhotoAnalyser } from "./api.ts";

/** The line to one photo process. Messages that came in are validated already. */
export interface PhotoChannel {
  send(request: PhotoRequest): void;
  /** Ends the process. */
  close(): void;
}

export interface PhotoChannelListener {
  onMessage(answer: PhotoAnswer): void;
  /** The process ended, for whatever reason. */
  onClosed(reason: string): void;
}

export interface ProcessPhotoAnalyserOptions {
  /** Starts a photo process; the listener is called later, never during this call. */
  open(listener: PhotoChannelListener): PhotoChannel;
  readonly logger: Logger;
  readonly timers?: Timers;
  /** From the start of the process to its `ready`; models may have to be compiled. */
  readonly startTimeoutMs?: number;
  /** For one picture; the process itself gives up after five seconds. */
  readonly photoTimeoutMs?: number;
  readonly idleMs?: number;
}

type Answer = Extract<PhotoAnswer, { type: "photo" | "photo-refused" }>;

/**
 * Looks at photographs in a process that is started for the first picture and ended after an idle while. One picture at a
 * time. A picture that kills or blocks the process is refused, and the next one gets a new process. Throws `LINTEL_E_CHILD`
 * only when no process can be started: then no picture is to blame.
 */
export class ProcessPhotoAnalyser implements PhotoAnalyser {
  readonly #options: Required<ProcessPhotoAnalyserOptions>;
  #session: PhotoSession | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;
  #cancelIdle: () => void = () => {};
  #isStopped = false;

  constructor(options: ProcessPhotoAnalyserOptions) {
    this.#options = { timers: systemTimers, startTimeoutMs: 30_000, photoTimeoutMs: 6_000, idleMs: 30_000, ...options };
  }

  analyse(image: Uint8Array, purpose: PhotoPurpose): Promise<Answer> {
    if (image.length === 0) return Promise.resolve(refused("empty", "the file is empty"));
    if (image.length > maxPhotoBytes) return Promise.resolve(refused("too-large", "the file is larger than 8 MiB"));
    this.#queued++;
    const turn = this.#queue.then(() => this.#look(image, purpose)).finally(() => this.#rest());
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /** Ends the process; pictures that wait are refused with `LINTEL_E_CHILD`. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelIdle();
    this.#session?.close("stopped");
  }

  // --- internal ---

  async #look(image: Uint8Array, purpose: PhotoPurpose): Promise<Answer> {
    if (this.#isStopped) throw unavailable("it was stopped");
    this.#cancelIdle();
    if (!this.#session?.isOpen) this.#session = new PhotoSession(this.#options.open);
    const session = this.#session;
    const { startTimeoutMs, photoTimeoutMs, logger } = this.#options;
    await this.#within(startTimeoutMs, session.ready, () => session.close(`not ready after ${startTimeoutMs} ms`));
    return this.#within(photoTimeoutMs, session.ask(image, purpose), () => {
      logger.warn({ photoTimeoutMs }, "photo process hung and was ended");
      session.close("hung", "timeout");
    });
  }

  /** `onTimeout` must settle the work. */
  async #within<T>(timeoutMs: number, work: Promise<T>, onTimeout: () => void): Promise<T> {
    const cancel = this.#options.timers.after(timeoutMs, onTimeout);
    try {
      return await work;
    } finally {
      cancel();
    }
  }

  #rest(): void {
    this.#queued--;
    if (this.#queued > 0 || this.#isStopped) return;
    this.#cancelIdle = this.#options.timers.after(this.#options.idleMs, () => this.#session?.close("idle"));
  }
}

// --- internal ---

/** One life of the process: from its start to its end, one question at a time. */
class PhotoSession {
  /** Rejects with `LINTEL_E_CHILD` when the process ends before it was ready. */
  readonly ready: Promise<void>;
  readonly #channel: PhotoChannel;
  #setReady: () => void = () => {};
  #setFailed: (error: Error) => void = () => {};
  #waiting: { readonly id: string; answer(answer: Answer): void } | undefined;
  #isOpen = true;

  constructor(open: ProcessPhotoAnalyserOptions["open"]) {
    this.ready = new Promise((resolve, reject) => {
      this.#setReady = resolve;
      this.#setFailed = reject;
    });
    // An end while nobody waits is no fault.
    this.ready.catch(() => {});
    this.#channel = open({
      onMessage: (message) => this.#hear(message),
      onClosed: (reason) => this.#ended(reason, "corrupt"),
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The answer to one picture; a refusal when the process ends meanwhile. */
  ask(image: Uint8Array, purpose: PhotoPurpose): Promise<Answer> {
    return new Promise((resolve) => {
      const id = randomUUID();
      this.#waiting = { id, answer: resolve };
      const question = { type: "photo", id, image: Buffer.from(image).toString("base64"), purpose } as const;
      if (this.#isOpen) this.#channel.send(question);
      else this.#answer(refused("corrupt", "the picture could not be read"));
    });
  }

  /** Ends the process; a picture that is being looked at is refused with `problem`. */
  close(reason: string, problem: PhotoProblem = "corrupt"): void {
    if (!this.#isOpen) return;
    this.#ended(reason, problem);
    this.#channel.close();
  }

  #hear(message: PhotoAnswer): void {
    if (!this.#isOpen) return;
    if (message.type === "ready") this.#setReady();
    else if (message.id === this.#waiting?.id) this.#answer(message);
  }

  #ended(reason: string, problem: PhotoProblem): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#setFailed(unavailable(reason));
    this.#answer(refused(problem, "the picture could not be read"));
  }

  #answer(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.answer(answer);
  }
}

function refused(problem: PhotoProblem, detail: string): Answer {
  return { type: "photo-refused", id: "", problem, detail };
}

function unavailable(reason: string): LintelError {
  return new LintelError("LINTEL_E_CHILD", `pictures cannot be looked at: the photo process failed (${reason})`, {
    hint: "lintel doctor says what is missing; try again",
  });
}
