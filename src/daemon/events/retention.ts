import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { EventLog } from "../api.ts";
import type { Sqlite } from "../store/sqlite.ts";
import type { AuditKey } from "./audit-key.ts";
import { breakOf, genesis, type Link } from "./chain.ts";
import { anchorOf, signCheckpoint } from "./checkpoint.ts";
import { EventStore } from "./event-store.ts";

export interface RetentionOptions {
  readonly db: Sqlite;
  readonly events: Pick<EventLog, "append">;
  readonly key: AuditKey;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Nothing is removed by a clock that may be wrong. Absent: only a clock behind the newest event is not believed. */
  readonly isClockTrusted?: (() => boolean) | undefined;
  /** Called after something was removed, so that it survives nowhere: in the write-ahead file, in copies. */
  readonly scrub?: (() => void) | undefined;
  /** Events removed in one transaction: the door waits no longer than this takes. */
  readonly removedAtOnce?: number;
}

/** How the job stands; part of `health`. */
export interface RetentionStatus {
  readonly days: number;
  /** ISO 8601; null before the first run. */
  readonly lastRunAt: string | null;
  /** By the last run. */
  readonly removed: number;
  /** Why it does not run: `clock-unset`, or what went wrong. Null: all is well. */
  readonly problem: string | null;
}

const dayMs = 24 * 60 * 60 * 1000;
const firstLookMs = 60_000;
const lookEveryMs = 60 * 60 * 1000;

/**
 * Removes events that are older than the retention time, once a day, oldest first and never out of the middle. What goes
 * is checked before it goes and leaves a signed checkpoint, so that the rest still verifies. Each run, also one that found
 * nothing to remove, leaves an `updated` event that says so.
 *
 * Old is what stands before the first event that is younger than the limit; events from the future (a clock was wrong)
 * hold nothing up.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #store: EventStore;
  readonly #logger: Logger;
  #last: { readonly at: string; readonly removed: number } | null = null;
  #problem: string | null = null;
  #callOff: (() => void) | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#store = new EventStore(options.db);
    this.#logger = options.logger.child({ component: "retention" });
  }

  get status(): RetentionStatus {
    const { retentionDays } = this.#options;
    const [lastRunAt, removed] = [this.#last?.at ?? null, this.#last?.removed ?? 0];
    return { days: retentionDays, lastRunAt, removed, problem: this.#problem };
  }

  start(): void {
    this.#isStopped = false;
    this.#last = readLast(this.#store.note(runNote));
    this.#lookIn(firstLookMs);
  }

  /** A run that goes on ends after its present slice; what was removed until then has its checkpoint. */
  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  /** One run now. Never rejects: what goes wrong is the `problem` of the status. Resolves to how many were removed. */
  async run(): Promise<number> {
    if (this.#isRunning) return 0;
    this.#isRunning = true;
    try {
      if (!this.#isClockBelievable()) {
        this.#problem = "clock-unset";
        return 0;
      }
      const removed = await this.#removeOld();
      this.#problem = null;
      return removed;
    } catch (error) {
      this.#problem = errorText(error);
      this.#logger.error({ error: this.#problem }, "old events could not be removed");
      return 0;
    } finally {
      this.#isRunning = false;
    }
  }

  // --- internal ---

  #lookIn(ms: number): void {
    this.#callOff = this.#options.timers.after(ms, () => {
      const finished = this.#isDue() ? this.run() : Promise.resolve();
      void finished.then(() => {
        if (!this.#isStopped) this.#lookIn(lookEveryMs);
      });
    });
  }

  /** A day has passed, or the last run lies in the future. */
  #isDue(): boolean {
    const sinceMs = this.#options.clock.date().getTime() - Date.parse(this.#last?.at ?? "");
    return !(sinceMs >= 0 && sinceMs < dayMs);
  }

  #isClockBelievable(): boolean {
    const newest = this.#store.newest();
    const now = this.#options.clock.date().toISOString();
    return (newest === undefined || newest.time <= now) && (this.#options.isClockTrusted?.() ?? true);
  }

  async #removeOld(): Promise<number> {
    const { clock, retentionDays, db, events } = this.#options;
    const now = clock.date();
    const since = new Date(now.getTime() - retentionDays * dayMs).toISOString();
    const firstYoung = this.#store.firstSince(since, now.toISOString());
    const through = firstYoung === undefined ? (this.#store.newest()?.seq ?? 0) : firstYoung - 1;
    const run = new Removal(this.#options, this.#store, through);
    while (!this.#isStopped && run.step()) await new Promise((resolve) => setImmediate(resolve));
    if (this.#isStopped) return run.removed;
    const { removed, brokenAt } = run;
    if (removed > 0) this.#options.scrub?.();
    const last = { at: now.toISOString(), removed };
    const { seq: removedThrough, hash } = anchorOf(this.#store);
    db.transaction(() => {
      this.#store.setNote(runNote, JSON.stringify(last));
      const found = brokenAt === null ? {} : { brokenAt };
      events.append("updated", {
        subject: "events",
        by: "retention",
        removed,
        removedThrough,
        before: since,
        ...found,
      });
    });
    this.#last = last;
    this.#logger.info({ removed, removedThrough, hash }, "old events removed");
    return removed;
  }
}

// --- internal ---

const runNote = "events-retention";
const noted = z.object({ at: z.string(), removed: z.int() });

function readLast(text: string | undefined): { at: string; removed: number } | null {
  try {
    return noted.parse(JSON.parse(text ?? "null"));
  } catch {
    return null;
  }
}

/** One run: slice by slice, each with its checkpoint in the same transaction. */
class Removal {
  removed = 0;
  brokenAt: number | null = null;
  readonly #options: RetentionOptions;
  readonly #store: EventStore;
  readonly #through: number;
  readonly #fromSeq: number;
  #last: Link;
  /** The checkpoint of this run so far; the next slice replaces it. */
  #checkpointed: number | null = null;

  constructor(options: RetentionOptions, store: EventStore, through: number) {
    this.#options = options;
    this.#store = store;
    this.#through = through;
    this.#last = anchorOf(store);
    this.#fromSeq = this.#last.seq + 1;
  }

  /** False when nothing is left to remove. */
  step(): boolean {
    const most = this.#options.removedAtOnce ?? 500;
    const rows = this.#store.after(this.#last.seq, most).filter(({ seq }) => seq <= this.#through);
    const newest = rows.at(-1);
    if (newest === undefined) return false;
    for (const row of rows) {
      if (breakOf(this.#last, row) !== null) this.brokenAt ??= this.#last.seq + 1;
      this.#last = { seq: row.seq, hash: row.hash === "" ? genesis : row.hash };
    }
    const { db, key, clock } = this.#options;
    const checkpoint = signCheckpoint(
      {
        fromSeq: this.#fromSeq,
        throughSeq: newest.seq,
        count: this.removed + rows.length,
        hash: this.#last.hash,
        lastTime: newest.time,
        removedAt: clock.date().toISOString(),
        brokenAt: this.brokenAt,
      },
      key,
    );
    db.transaction(() => {
      this.#store.addCheckpoint(checkpoint);
      if (this.#checkpointed !== null) this.#store.dropCheckpoint(this.#checkpointed);
      this.#store.deleteThrough(newest.seq);
    });
    this.#checkpointed = newest.seq;
    this.removed += rows.length;
    return newest.seq < this.#through;
  }
}
