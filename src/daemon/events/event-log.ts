import type { Clock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { EventLog, EventRecord, EventType } from "../api.ts";
import type { Sqlite } from "../store/sqlite.ts";
import { firstLink, type Link, linkHash } from "./chain.ts";
import { anchorOf } from "./checkpoint.ts";
import { serialiseFields } from "./event-fields.ts";
import { EventStore, headOf, toRecord } from "./event-store.ts";
import { type WaitingEvent, WaitingEvents, type WaitingLimits } from "./waiting-events.ts";

/** Events one `read` returns at most, whatever was asked for. */
export const maxEventsPerRead = 1000;
const retryMs = 2000;
/** Waiting events written in one turn, so that the door is not kept waiting. */
const writtenAtOnce = 256;

export interface EventLogOptions {
  readonly db: Sqlite;
  readonly clock: Clock;
  readonly logger: Logger;
  /** To try again by itself after the disk refused an event; without, the next event tries. */
  readonly timers?: Timers | undefined;
  /** Of what may wait; absent: `waitingLimits`. */
  readonly limits?: WaitingLimits | undefined;
}

/** How the log stands: the head of the chain, and what could not be written. */
export interface EventLogStatus {
  /** The newest event on the disk and its hash: whoever keeps these can tell later whether history was rewritten. */
  readonly seq: number;
  readonly hash: string;
  /** In memory because the disk refuses them. */
  readonly waiting: number;
  /** Did not fit there either, since the start. */
  readonly lost: number;
}

/**
 * The log of everything that happened, in the database: written with full sync before `append` returns (inside a
 * transaction: before that returns), numbered without gaps, each event chained to the one before it (chain.ts). A
 * listener that throws hurts nobody else; listeners hear events in the order of `seq`, also when one of them appends.
 *
 * While the disk refuses, `append` does not throw: events wait in memory, in order, and are written when there is room
 * again. Such a record has `seq` 0, and listeners hear of it when it is written. What does not fit in memory is counted,
 * and the next event that is kept says so as `lostBefore`. Inside a transaction a refusal is thrown, as it must be.
 */
export class SqliteEventLog implements EventLog {
  readonly #db: Sqlite;
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timers: Timers | undefined;
  readonly #listeners = new Set<(event: EventRecord) => void>();
  readonly #undelivered: EventRecord[] = [];
  readonly #waiting: WaitingEvents;
  #isDelivering = false;
  /** Undefined: to be read from the database. */
  #head: { readonly link: Link; readonly nextSeq: number } | undefined;
  #lostUnsaid = 0;
  #cancelRetry: (() => void) | undefined;

  constructor({ db, clock, logger, timers, limits }: EventLogOptions) {
    this.#db = db;
    this.#store = new EventStore(db);
    this.#clock = clock;
    this.#logger = logger;
    this.#timers = timers;
    this.#waiting = new WaitingEvents(limits);
  }

  get status(): EventLogStatus {
    const { seq, hash } = this.#head?.link ?? this.#readHead();
    return { seq, hash, waiting: this.#waiting.count, lost: this.#waiting.lost };
  }

  append(type: EventType, fields: Readonly<Record<string, unknown>> = {}): EventRecord {
    const time = this.#clock.date().toISOString();
    if (this.#db.isInTransaction) return this.#writeInside({ time, type, json: serialiseFields(fields) });
    const lost = this.#lostUnsaid;
    const event = { time, type, json: serialiseFields(lost > 0 ? { ...fields, lostBefore: lost } : fields) };
    const outcome = this.#writeOrKeep(event);
    this.#lostUnsaid += outcome === "lost" ? 1 : -lost;
    return typeof outcome === "object" ? outcome : toRecord({ ...event, seq: 0, hash: "" });
  }

  read(fromSeq: number, limit: number): readonly EventRecord[] {
    const most = Math.max(0, Math.min(Math.trunc(limit) || 0, maxEventsPerRead));
    const from = Math.max(0, Math.trunc(fromSeq) || 0);
    return this.#store.after(from - 1, most).map(toRecord);
  }

  subscribe(listener: (event: EventRecord) => void): () => void {
    // A wrapper of its own, so that subscribing twice means being called twice.
    const own = (event: EventRecord) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Writes what waits, as far as the disk takes it now. True when nothing waits any more. */
  flush(): boolean {
    if (this.#waiting.count === 0) return true;
    try {
      this.#db.transaction(() => this.#writeWaiting(writtenAtOnce));
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.#retryIn(retryMs);
      return false;
    }
    if (this.#waiting.count > 0) {
      this.#retryIn(0);
      return false;
    }
    this.#logger.warn({ seq: this.#chain().link.seq }, "event log is written again");
    return true;
  }

  /** A last try; what waits after it is lost. Safe to call twice. */
  stop(): void {
    while (this.#waiting.count > 0) {
      const before = this.#waiting.count;
      if (this.flush() || this.#waiting.count === before) break;
    }
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#waiting.count > 0)
      this.#logger.error({ events: this.#waiting.count }, "events lost: the disk refused them");
  }

  // --- internal: writing ---

  #writeOrKeep(event: WaitingEvent): EventRecord | "waits" | "lost" {
    try {
      if (this.flush()) return this.#write(event);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      this.#logger.error({ error: errorText(error) }, "event log cannot be written, events wait in memory");
    }
    this.#retryIn(retryMs);
    return this.#waiting.add(event) ? "waits" : "lost";
  }

  /** What waits comes first; if the disk still refuses it, the whole transaction fails. */
  #writeInside(event: WaitingEvent): EventRecord {
    this.#writeWaiting(this.#waiting.count);
    return this.#write(event);
  }

  #writeWaiting(most: number): void {
    const events = this.#waiting.first(most);
    if (events.length === 0) return;
    this.#waiting.remove(events.length);
    this.#db.onRollback(() => this.#waiting.putBack(events));
    for (const event of events) this.#write(event);
  }

  #write(event: WaitingEvent): EventRecord {
    const { link, nextSeq } = this.#chain();
    const row = { ...event, seq: nextSeq };
    const stored = { ...row, hash: linkHash(link.hash, row) };
    this.#head = undefined;
    this.#store.insert(stored);
    this.#head = { link: stored, nextSeq: nextSeq + 1 };
    this.#db.onRollback(() => {
      this.#head = undefined;
    });
    const record = toRecord(stored);
    this.#db.afterCommit(() => this.#deliver(record));
    return record;
  }

  #chain(): { readonly link: Link; readonly nextSeq: number } {
    if (this.#head) return this.#head;
    this.#store.beginChain(this.#clock.date().toISOString());
    const link = headOf(this.#store, anchorOf(this.#store));
    this.#head = { link, nextSeq: Math.max(link.seq, this.#store.lastSeq()) + 1 };
    return this.#head;
  }

  /** Health must not fail with the disk: what cannot be read is shown as nothing. */
  #readHead(): Link {
    try {
      return headOf(this.#store, anchorOf(this.#store));
    } catch (error) {
      if (!isStorageError(error)) throw error;
      return firstLink;
    }
  }

  #retryIn(ms: number): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#timers?.after(ms, () => {
      this.#cancelRetry = undefined;
      this.flush();
    });
  }

  // --- internal: listeners ---

  #deliver(event: EventRecord): void {
    this.#undelivered.push(event);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    for (let next = this.#undelivered.shift(); next; next = this.#undelivered.shift()) {
      for (const listener of [...this.#listeners]) this.#tell(listener, next);
    }
    this.#isDelivering = false;
  }

  #tell(listener: (event: EventRecord) => void, event: EventRecord): void {
    try {
      listener(event);
    } catch (error) {
      this.#logger.error({ seq: event.seq, type: event.type, error: errorText(error) }, "event listener failed");
    }
  }
}

// --- internal ---

function isStorageError(error: unknown): boolean {
  return error instanceof LintelError && error.code === "LINTEL_E_STORAGE";
}
