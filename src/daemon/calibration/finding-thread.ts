import { Worker } from "node:worker_threads";
import type { Clock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import type { GallerySite } from "../people/gallery.ts";
import type { FindingJob } from "./finding-job.ts";
import { inSlices } from "./in-slices.ts";
import { packSite } from "./packed-site.ts";
import type { FindingSettings, SiteFinding, ThresholdFinder } from "./site-finding.ts";

/** Beside the vectors, which do not count: pairs that are near each other, of ten thousand people. */
const maxHeapMb = 512;

/**
 * Works out a threshold on a thread of its own, one for each finding, so that a gallery of thousands keeps no frame waiting. Whatever
 * becomes of the thread, the door goes on with the threshold it has.
 */
export class FindingThread implements ThresholdFinder {
  readonly #clock: Pick<Clock, "nowMs">;
  #stop = new AbortController();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  async find({ people, model }: GallerySite, settings: FindingSettings): Promise<SiteFinding> {
    const { signal } = this.#stop;
    const site = await inSlices(packSite(people, model), this.#clock);
    if (signal.aborted) throw ended("it was stopped");
    const job: FindingJob = { site, settings };
    // The compiled name: a worker thread cannot load TypeScript.
    const worker = new Worker(new URL("./finding-worker.js", import.meta.url), {
      workerData: job,
      transferList: [site.vectors.buffer],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    const stop = (): void => void worker.terminate();
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await answerOf(worker);
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  stop(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }
}

// --- internal ---

function answerOf(worker: Worker): Promise<SiteFinding> {
  return new Promise((resolve, reject) => {
    worker.once("message", (finding: SiteFinding) => resolve(finding));
    worker.once("error", (error) => reject(ended(errorText(error))));
    worker.once("exit", (code) => reject(ended(`its thread ended with code ${code}`)));
  });
}

function ended(why: string): LintelError {
  return new LintelError("LINTEL_E_CHILD", `the calibration came to nothing: ${why}`, {
    hint: "The threshold before it stays. Try again with lintel calibrate.",
  });
}
