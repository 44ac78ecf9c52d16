import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ArtOrder, jobFiles } from "../../art/process/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { ArtProgress, ArtState } from "../api/art.ts";
import type { CronWindow } from "../cron-window.ts";
import { DoorWatch } from "./door-watch.ts";
import { type Exhibition, readJpeg } from "./exhibition.ts";
import type { ArtJob, ArtJobStore } from "./job-store.ts";
import { Outcomes } from "./outcomes.ts";
import type { PaintingEnd, PaintingListener, PaintingProcess } from "./painting-process.ts";
import { nextJob, overdue } from "./queue-rules.ts";
import type { RetentionRules } from "./retention.ts";

export interface StudioParts {
  readonly store: ArtJobStore;
  readonly exhibition: Exhibition;
  readonly window: CronWindow;
  /** Makes a job of its own accord while the window is open and nothing waits; null: nothing to paint, or off. */
  readonly plan: (() => ArtJob | null) | null;
  /** The order for the art process, apart from its folders. */
  orderOf(job: ArtJob): Omit<ArtOrder, "jobDirectory" | "pictureBase">;
  openProcess(
    order: ArtOrder,
    listener: PaintingListener,
  ): Pick<PaintingProcess, "start" | "hold" | "goOn" | "rest" | "stop">;
  readonly directory: string;
  readonly retention: RetentionRules;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

interface Painting {
  readonly job: ArtJob;
  readonly key: string;
  readonly process: ReturnType<StudioParts["openProcess"]>;
  progress: ArtProgress;
  step: number;
  isResting: boolean;
}

const lookAgainMs = 30_000;

/**
 * The queue at work: one picture at a time, in the window (or at once where somebody asked for that), never while a face is
 * at the door. Whatever goes wrong with one job, the next one gets its turn.
 */
export class Studio {
  readonly #parts: StudioParts;
  readonly #watch: DoorWatch;
  readonly #listeners = new Set<() => void>();
  readonly #outcomes: Outcomes;
  #painting: Painting | null = null;
  #waiting = 0;
  #callOff: () => void = () => {};
  #isRunning = false;

  constructor(parts: StudioParts) {
    this.#parts = parts;
    const { clock, timers } = parts;
    this.#outcomes = new Outcomes({ ...parts, again: () => this.consider() });
    this.#watch = new DoorWatch({
      clock,
      timers,
      yielding: { stop: () => this.#holdStill(true), goOn: () => this.#holdStill(false) },
    });
  }

  get state(): ArtState {
    const { window, clock, exhibition, plan } = this.#parts;
    const now = clock.date();
    return {
      isOn: plan !== null,
      window: { isOpen: window.isOpen(now), changesAt: window.nextChange(now)?.toISOString() ?? null },
      waiting: this.#waiting,
      painting: this.#painting?.progress ?? null,
      pictures: exhibition.pictures.length,
      shown: exhibition.shown,
      lastFailure: this.#outcomes.lastFailure,
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A face is in view. */
  sighted(): void {
    this.#watch.sighted();
  }

  start(): void {
    this.#isRunning = true;
    const { store, exhibition, directory } = this.#parts;
    this.#carefully(() => {
      mkdirSync(join(directory, "jobs"), { recursive: true, mode: 0o700 });
      store.requeueBegun();
      exhibition.hang(store.list("done"));
    });
    this.consider();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#callOff();
    this.#watch.stop();
    this.#outcomes.stop();
    await this.#painting?.process.stop();
    this.#listeners.clear();
  }

  /** How the picture looks at this moment, JPEG. */
  preview(): Promise<Buffer | null> {
    if (!this.#painting) return Promise.resolve(null);
    return readJpeg(join(this.#outcomes.folderOf(this.#painting.job), jobFiles.preview));
  }

  /** Looks at the queue, the window and the deadlines; from time to time by itself, at once when something was added. */
  consider(): void {
    if (!this.#isRunning) return;
    this.#callOff();
    this.#callOff = this.#parts.timers.after(lookAgainMs, () => this.consider());
    this.#carefully(() => {
      this.#endOverdue();
      if (this.#painting) this.#mayGoOn(this.#painting);
      else this.#takeNext();
      this.#waiting = this.#parts.store.list("waiting").length;
    });
    this.#tell();
  }

  // --- internal ---

  /** A disk that is full or a folder that is away must not take the door's process with it. */
  #carefully(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.logger.warn({ reason: errorText(error) }, "art waits");
    }
  }

  #endOverdue(): void {
    const { store, clock } = this.#parts;
    for (const job of overdue(store.list("waiting", "painting"), clock.date())) {
      const isPainting = this.#painting?.job.id === job.id;
      const done = isPainting ? (this.#painting?.progress.step ?? 0) : job.step;
      this.#outcomes.fail(job, `not finished by its deadline, ${done} of ${job.brief.settings.steps} steps were done`);
      if (isPainting) void this.#painting?.process.stop();
    }
  }

  /** The window has closed over what is being painted: it goes on the next night. */
  #mayGoOn(painting: Painting): void {
    if (painting.isResting || painting.progress.isHeld || painting.job.atOnce) return;
    if (this.#parts.window.isOpen(this.#parts.clock.date())) return;
    painting.isResting = true;
    painting.process.rest();
  }

  #takeNext(): void {
    const { store, window, clock, plan } = this.#parts;
    if (this.#watch.isBusy) return;
    const isWindowOpen = window.isOpen(clock.date());
    const isReady = (job: ArtJob) => this.#outcomes.isReady(job);
    const waiting = store.list("waiting");
    const job = nextJob(waiting, { isWindowOpen, isReady }) ?? (isWindowOpen && waiting.length === 0 ? plan?.() : null);
    if (job) this.#begin(job);
  }

  #begin(job: ArtJob): void {
    const { store, orderOf, openProcess, directory, logger } = this.#parts;
    const key = `${job.id}-${randomUUID().slice(0, 8)}`;
    let order: ArtOrder;
    try {
      order = { ...orderOf(job), jobDirectory: this.#outcomes.folderOf(job), pictureBase: join(directory, key) };
    } catch (error) {
      this.#outcomes.fail(job, errorText(error));
      return;
    }
    store.begun(job.id);
    const { steps } = job.brief.settings;
    const process = openProcess(order, {
      progress: ({ step }) => this.#update({ step }),
      checkpoint: (step) => this.#checkpointed(step),
      preview: () => this.#update({ preview: Math.round(this.#parts.clock.nowMs()) }),
      ended: (end) => this.#ended(end),
    });
    const progress = { job: job.id, title: job.brief.title, step: job.step, steps, isHeld: false, preview: null };
    this.#painting = { job, key, process, progress, step: job.step, isResting: false };
    logger.info({ job: job.id, title: job.brief.title, step: job.step }, "painting");
    process.start();
  }

  #checkpointed(step: number): void {
    const painting = this.#painting;
    if (!painting) return;
    painting.step = step;
    this.#outcomes.gotOn(painting.job);
    this.#carefully(() => this.#parts.store.checkpointed(painting.job.id, step));
  }

  #update(change: Partial<ArtProgress>): void {
    if (!this.#painting) return;
    this.#painting.progress = { ...this.#painting.progress, ...change };
    this.#tell();
  }

  #holdStill(isHeld: boolean): void {
    if (isHeld) this.#painting?.process.hold();
    else this.#painting?.process.goOn();
    this.#update({ isHeld });
    if (!isHeld) this.consider();
  }

  #ended(end: PaintingEnd): void {
    const painting = this.#painting;
    this.#painting = null;
    if (!painting) return;
    this.#outcomes.settle(painting.job, painting.key, end);
    if (this.#isRunning) this.consider();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
