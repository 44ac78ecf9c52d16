import { randomUUID } from "node:crypto";
import { LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { maxPhotoBytes, type PhotoAnswer, type PhotoProblem, type PhotoRequest } from "../vision/protocol.ts";
import type { PhotoAnalyser } from "./api.ts";

/** The line to one photo process. Messages that came in are validated already. */
export interface PhotoChannel {
  send(request: PhotoRequest): void;
  /** Ends the process; what it still says is ignored. */
  close(): void;
}

export interface PhotoChannelListener {
  onMessage(answer: PhotoAnswer): void;
  /** The process ended, for whatever reason. */
  onClosed(reason: string): void;
}

export interface ProcessPhotoAnalyserOptions {
  /** Starts a photo process. */
  open(listener: PhotoChannelListener): PhotoChannel;
  readonly logger: Logger;
  /** From the start of the process to its `ready`; models may have to be compiled. */
  readonly startTimeoutMs?: number;
  /** For one picture; the process itself gives up after five seconds. */
  readonly photoTimeoutMs?: number;
  readonly idleMs?: number;
}

type Answer = Extract<PhotoAnswer, { type: "photo" | "photo-refused" }>;

interface Session {
  readonly channel: PhotoChannel;
  readonly ready: Promise<void>;
  /** The picture that is being looked at. */
  waiting: { readonly id: string; answer(answer: Answer): void } | undefined;
  closed: boolean;
  onReady(): void;
  onClosed(reason: string): void;
}

/**
 * Looks at photographs in a process that is started for the first picture and ended after an idle while. One picture at a
 * time. A picture that kills or blocks the process is refused, and the next one gets a new process. Throws `LINTEL_E_CHILD`
 * only when no process can be started: then no picture is to blame.
 */
export class ProcessPhotoAnalyser implements PhotoAnalyser {
  readonly #options: Required<ProcessPhotoAnalyserOptions>;
  #session: Session | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;
  #idle: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: ProcessPhotoAnalyserOptions) {
    this.#options = { startTimeoutMs: 30_000, photoTimeoutMs: 6_000, idleMs: 30_000, ...options };
  }

  analyse(image: Uint8Array): Promise<Answer> {
    if (image.length === 0) return Promise.resolve(refused("empty", "the file is empty"));
    if (image.length > maxPhotoBytes) return Promise.resolve(refused("too-large", "the file is larger than 8 MiB"));
    this.#queued++;
    const turn = this.#queue.then(() => this.#look(image)).finally(() => this.#rest());
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /** Ends the process; pictures that wait are refused with `LINTEL_E_CHILD`. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#idle);
    const session = this.#session;
    this.#end();
    session?.onClosed("stopped");
  }

  // --- internal ---

  async #look(image: Uint8Array): Promise<Answer> {
    if (this.#isStopped) throw unavailable("it was stopped");
    clearTimeout(this.#idle);
    const session = this.#session ?? this.#start();
    await withDeadline(session.ready, this.#options.startTimeoutMs, () => {
      session.onClosed(`not ready after ${this.#options.startTimeoutMs} ms`);
      this.#end();
    });
    const id = randomUUID();
    const answered = new Promise<Answer>((resolve) => {
      session.waiting = { id, answer: resolve };
    });
    session.channel.send({ type: "photo", id, image: Buffer.from(image).toString("base64") });
    const answer = await withDeadline(answered, this.#options.photoTimeoutMs, () => {
      this.#options.logger.warn({ timeoutMs: this.#options.photoTimeoutMs }, "photo process hung and was ended");
      this.#end();
      session.waiting?.answer(refused("timeout", "looking at the picture took too long"));
    });
    session.waiting = undefined;
    return answer;
  }

  #start(): Session {
    let open: () => void = () => {};
    let fail: (error: Error) => void = () => {};
    const ready = new Promise<void>((resolve, reject) => {
      open = resolve;
      fail = reject;
    });
    // Whoever waits hears of it; an end while nobody waits is no fault.
    ready.catch(() => {});
    const listener: PhotoChannelListener = {
      onMessage: (message) => this.#hear(session, message),
      onClosed: (reason) => session.onClosed(reason),
    };
    const session: Session = {
      channel: this.#options.open({
        onMessage: (message) => listener.onMessage(message),
        onClosed: (reason) => listener.onClosed(reason),
      }),
      ready,
      waiting: undefined,
      closed: false,
      onReady: () => open(),
      onClosed: (reason) => {
        if (session.closed) return;
        session.closed = true;
        if (this.#session === session) this.#session = undefined;
        fail(unavailable(reason));
        session.waiting?.answer(refused("corrupt", "the picture could not be read"));
      },
    };
    this.#session = session;
    return session;
  }

  #hear(session: Session, message: PhotoAnswer): void {
    if (message.type === "ready") session.onReady();
    else if (message.id === session.waiting?.id) session.waiting.answer(message);
  }

  #rest(): void {
    this.#queued--;
    if (this.#queued > 0 || this.#isStopped) return;
    this.#idle = setTimeout(() => this.#end(), this.#options.idleMs);
    this.#idle.unref();
  }

  #end(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.channel.close();
  }
}

// --- internal ---

function refused(problem: PhotoProblem, detail: string): Answer {
  return { type: "photo-refused", id: "", problem, detail };
}

function unavailable(reason: string): LintelError {
  return new LintelError("LINTEL_E_CHILD", `pictures cannot be looked at: the photo process failed (${reason})`, {
    hint: "lintel doctor says what is missing; try again",
  });
}

async function withDeadline<T>(work: Promise<T>, timeoutMs: number, onTimeout: () => void): Promise<T> {
  const timer = setTimeout(onTimeout, timeoutMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
