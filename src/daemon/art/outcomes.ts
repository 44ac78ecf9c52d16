import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { ArtState } from "../api/art.ts";
import { Attempts } from "./attempts.ts";
import type { Exhibition } from "./exhibition.ts";
import type { ArtJob, ArtJobStore } from "./job-store.ts";
import type { PaintingEnd } from "./painting-process.ts";
import { outlived, type RetentionRules } from "./retention.ts";

export interface OutcomeParts {
  readonly store: ArtJobStore;
  readonly exhibition: Exhibition;
  readonly directory: string;
  readonly retention: RetentionRules;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** A job that broke off may be taken again now. */
  again(): void;
}

/** What a full disk has no room for is tried again after this time. */
const recordAgainMs = 30_000;

/** What becomes of a job once its painting has ended: it is hung, tried again, or given up; and what it left behind is taken away. */
export class Outcomes {
  readonly #parts: OutcomeParts;
  readonly #attempts = new Attempts();
  #lastFailure: ArtState["lastFailure"] = null;
  #isStopped = false;

  constructor(parts: OutcomeParts) {
    this.#parts = parts;
  }

  get lastFailure(): ArtState["lastFailure"] {
    return this.#lastFailure;
  }

  /** Where a job keeps what it has so far. */
  folderOf(job: ArtJob): string {
    return join(this.#parts.directory, "jobs", String(job.id));
  }

  /** It is not waiting for its next attempt. */
  isReady(job: ArtJob): boolean {
    return this.#attempts.isReady(job.id, this.#parts.clock.nowMs());
  }

  /** It got on: earlier attempts count no more. */
  gotOn(job: ArtJob): void {
    this.#attempts.forget(job.id);
  }

  /** Never throws: what the disk has no room for now is written when it has. `key`: of the picture, if there is one. */
  settle(job: ArtJob, key: string, end: PaintingEnd): void {
    const { timers, logger } = this.#parts;
    try {
      this.#settle(job, key, end);
    } catch (error) {
      logger.warn({ job: job.id, reason: errorText(error) }, "end of a painting not recorded yet");
      timers.after(recordAgainMs, () => {
        if (!this.#isStopped) this.settle(job, key, end);
      });
    }
  }

  /** The job is given up. Throws what the disk says. */
  fail(job: ArtJob, reason: string): void {
    const { store, clock, logger } = this.#parts;
    store.failed(job.id, reason, clock.date().toISOString());
    this.#attempts.forget(job.id);
    this.#lastFailure = { job: job.id, reason };
    this.#forgetWork(job);
    logger.warn({ job: job.id, title: job.brief.title, reason }, "picture not painted");
  }

  stop(): void {
    this.#isStopped = true;
  }

  // --- internal ---

  #settle(job: ArtJob, key: string, end: PaintingEnd): void {
    const { store, clock } = this.#parts;
    // Its deadline may have ended it meanwhile; what it wrote since goes too.
    if (store.get(job.id)?.state !== "painting") return this.#forgetWork(job);
    switch (end.kind) {
      case "done":
        this.#hang(job, { key, ...end.picture });
        break;
      case "failed":
        this.fail(job, end.reason);
        break;
      case "resting":
        store.interrupted(job.id, null);
        break;
      case "postponed":
        this.#retry(job, end.reason, this.#attempts.postponed(job.id, clock.nowMs()));
        break;
      case "broke": {
        const next = this.#attempts.brokeOff(job.id, clock.nowMs());
        if ("attempts" in next) this.fail(job, `${end.reason}, ${next.attempts} times`);
        else this.#retry(job, end.reason, next);
        break;
      }
    }
  }

  #hang(job: ArtJob, picture: Parameters<ArtJobStore["done"]>[1]): void {
    const { store, exhibition, clock, logger } = this.#parts;
    store.done(job.id, picture, clock.date().toISOString());
    this.#forgetWork(job);
    const done = store.get(job.id);
    if (done) exhibition.add(done);
    logger.info({ job: job.id, title: job.brief.title, seconds: picture.seconds }, "picture painted");
    this.#tidy();
  }

  #retry(job: ArtJob, reason: string, { delayMs }: { readonly delayMs: number }): void {
    const { store, timers, logger, again } = this.#parts;
    store.interrupted(job.id, reason);
    logger.warn({ job: job.id, reason, delayMs }, "painting broke off, trying again");
    timers.after(delayMs, again);
  }

  /** Old pictures make room. */
  #tidy(): void {
    const { store, exhibition, retention, clock } = this.#parts;
    const now = clock.date();
    for (const id of outlived(store.list("done", "failed"), retention, { now, keptId: exhibition.chosenId })) {
      exhibition.remove(id);
      store.remove(id);
    }
  }

  #forgetWork(job: ArtJob): void {
    rmSync(this.folderOf(job), { recursive: true, force: true });
  }
}
