import { Worker } from "node:worker_threads";
import type { Clock } from "../../../core/clock.ts";
import { errorText } from "../../../core/errors.ts";
import type { Logger } from "../../../core/logger.ts";
import type { Timers } from "../../../core/timers.ts";
import type { ScanJob, Scanner } from "../../../pipeline/matching/coded/coded-rows.ts";
import type { ScanMessage } from "./scan-message.ts";

/** A million templates take about 10 ms; a thread that needs this long hangs. */
const deadlineMs = 250;
/** After a failure the thread stays away this long. */
const restMs = 1000;
/** The codes lie in shared memory, so the thread itself needs hardly any. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

interface Parts {
  readonly clock: Pick<Clock, "nowMs">;
  readonly timers: Timers;
  readonly logger: Logger;
}

/**
 * A thread that searches codes, so that a large gallery keeps the control plane's own thread from nothing. It starts with the first search.
 * One that fails or is late is ended, and the next search after a pause starts another.
 */
export class ScanThread implements Scanner {
  readonly #parts: Parts;
  #worker: Worker | null = null;
  #memory: WebAssembly.Memory | null = null;
  /** Until a thread that failed has surely ended and the pause is over. */
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #settle: ((isDone: boolean) => void) | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  scan({ module, memory, ...job }: ScanJob): Promise<boolean> {
    const { clock, timers } = this.#parts;
    if (this.#settle !== null || clock.nowMs() < this.#restUntilMs) return Promise.resolve(false);
    this.#worker ??= this.#start();
    const tell = (message: ScanMessage) => this.#worker?.postMessage(message);
    if (this.#memory !== memory) tell({ type: "open", module, memory });
    this.#memory = memory;
    tell({ type: "scan", ...job });
    return new Promise((resolve) => {
      const callOff = timers.after(deadlineMs, () => this.#fail("it was late"));
      this.#settle = (isDone) => {
        this.#settle = null;
        callOff();
        resolve(isDone);
      };
    });
  }

  /** Ends the thread; a search under way comes to nothing. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#memory = null;
    this.#settle?.(false);
    await worker?.terminate();
  }

  // --- internal ---

  #start(): Worker {
    // The compiled name: a worker thread cannot load TypeScript.
    const worker = new Worker(new URL("./scan-worker.js", import.meta.url), { resourceLimits });
    worker.unref();
    const isMine = () => this.#worker === worker;
    worker.on("message", () => isMine() && this.#settle?.(true));
    worker.on("error", (error) => isMine() && this.#fail(errorText(error)));
    worker.on("exit", (code) => isMine() && this.#fail(`it ended with code ${code}`));
    return worker;
  }

  #fail(reason: string): void {
    const { clock, logger } = this.#parts;
    logger.warn({ reason }, "the matching thread failed; faces are compared without it for a moment");
    this.#restUntilMs = Number.POSITIVE_INFINITY;
    void this.stop().then(() => {
      this.#restUntilMs = clock.nowMs() + restMs;
    });
  }
}
