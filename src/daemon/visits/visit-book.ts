import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { EventLog, EventRecord } from "../api.ts";
import type { Cursor } from "../store/cursor.ts";
import { emptyMonth, monthName, monthNumber, monthOf, type Visit, type VisitMonth, withVisit } from "./month.ts";
import type { VisitStore } from "./visit-store.ts";

export interface VisitBookParts {
  readonly store: Pick<VisitStore, "of" | "get" | "put" | "forget" | "forgetBefore">;
  readonly people: { get(id: string): unknown };
  readonly events: Pick<EventLog, "read" | "subscribe">;
  /** How far the log was read. */
  readonly cursor: Pick<Cursor, "get" | "advance">;
  readonly db: { transaction<T>(work: () => T): T };
  /** 0: nothing is kept. */
  readonly keepMonths: number;
  readonly clock: Pick<Clock, "date">;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Nobody waits for it, and several entries are written as one. */
const soonMs = 60_000;
/** The door goes first: the log is read in small pieces. */
const eventsPerRead = 200;

/**
 * Sums up, month by month, how near each person's entries were to their pictures. It reads the audit log after the fact, so
 * that the door neither knows nor waits, and begins anew for whoever gets other pictures: distances to the old ones say
 * nothing about the new.
 */
export class VisitBook {
  readonly #parts: VisitBookParts;
  #unsubscribe: (() => void) | null = null;
  #callOff: (() => void) | null = null;

  constructor(parts: VisitBookParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#unsubscribe) return;
    this.#unsubscribe = this.#parts.events.subscribe((event) => {
      if (visitOf(event) !== null || event.type === "enrolled") this.#soon();
    });
    this.#soon();
  }

  /** What was not summed up yet is when the log is read the next time. Safe to call twice. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#callOff?.();
    this.#callOff = null;
  }

  /** A person's months, oldest first, as of the last `catchUp`. */
  of(personId: string): readonly VisitMonth[] {
    return this.#parts.store.of(personId);
  }

  /** Reads what was logged since the last time, and lets go of months that are too old. */
  async catchUp(): Promise<void> {
    const { store, events, cursor, clock, keepMonths } = this.#parts;
    const newest = monthOf(clock.date().toISOString());
    const oldest = monthName(monthNumber(newest) - keepMonths + 1);
    store.forgetBefore(oldest);
    if (keepMonths === 0) return;
    for (;;) {
      const page = events.read(cursor.get() + 1, eventsPerRead);
      if ((page.at(-1)?.seq ?? 0) <= cursor.get()) return;
      this.#take(page, (month) => month >= oldest && month <= newest);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  // --- internal ---

  #soon(): void {
    this.#callOff ??= this.#parts.timers.after(soonMs, () => {
      this.#callOff = null;
      this.catchUp().catch((error: unknown) => {
        this.#parts.logger.warn({ error: errorText(error) }, "entries were not summed up; they are the next time");
      });
    });
  }

  #take(page: readonly EventRecord[], isKept: (month: string) => boolean): void {
    const { store, people, cursor, db } = this.#parts;
    db.transaction(() => {
      for (const event of page) {
        if (typeof event.person !== "string" || people.get(event.person) === undefined) continue;
        if (event.type === "enrolled") store.forget(event.person);
        const visit = visitOf(event);
        const month = monthOf(event.time);
        if (visit === null || !isKept(month)) continue;
        store.put(event.person, withVisit(store.get(event.person, month) ?? emptyMonth(month), visit));
      }
      cursor.advance(page.at(-1)?.seq ?? 0);
    });
  }
}

// --- internal ---

/** Drift is measured from what was enrolled: what was adapted follows it. */
function visitOf({ type, time, runnerUp, distance: best, enrolledDistance = best }: EventRecord): Visit | null {
  const distance = enrolledDistance;
  if (type !== "granted" || typeof distance !== "number" || !(distance >= 0)) return null;
  return { time, distance, margin: typeof runnerUp === "number" ? runnerUp - distance : null };
}
