import { Worker } from "node:worker_threads";
import { LintelError } from "../../core/errors.ts";
import type { Verdict } from "./door-rehearsal.ts";
import type { RehearsedLevel } from "./rehearse.ts";
import type { Visit, VisitPlayer } from "./visits.ts";

export interface VisitThreadSettings {
  readonly modelCacheDirectory: string;
  readonly level: RehearsedLevel;
}

/** A thread of its own that plays visits: networks and people are opened once in it. */
export class VisitThread implements VisitPlayer {
  readonly #thread: Worker;

  constructor(workerData: VisitThreadSettings) {
    this.#thread = new Worker(new URL("./visit-worker.js", import.meta.url), { workerData });
  }

  play(visit: Visit): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      const thread = this.#thread;
      const settled = () => {
        thread.off("message", onMessage).off("error", onError).off("exit", onExit);
      };
      const onMessage = (verdict: Verdict) => {
        settled();
        resolve(verdict);
      };
      const onError = (error: unknown) => {
        settled();
        reject(error);
      };
      const onExit = (code: number) => {
        settled();
        reject(new LintelError("LINTEL_E_CHILD", `the thread that plays visits ended with code ${code}`));
      };
      thread.on("message", onMessage).on("error", onError).on("exit", onExit);
      thread.postMessage(visit);
    });
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
