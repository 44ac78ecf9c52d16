import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { type EventLog, type EventRecord, type EventType, eventTypes } from "../api.ts";
import type { Sqlite } from "../store/sqlite.ts";

/** Events one `read` returns at most, whatever was asked for. */
export const maxEventsPerRead = 1000;
const maxEventBytes = 16 * 1024;
/** A list of this many numbers in an event can only be a vector that strayed. */
const vectorLength = 32;
/** Longer texts are cut: what comes from outside never makes the log throw, and no vector fits in base64. */
const maxTextLength = 500;

const row = z.object({ seq: z.int(), time: z.string(), type: z.enum(eventTypes), json: z.string() });
const fieldsOf = z.record(z.string(), z.unknown());

/**
 * The log of everything that happened, in the database: written with full sync before `append` returns (inside a
 * transaction: before that returns), numbered without gaps being filled, in the order of writing. A listener that throws
 * hurts nobody else; listeners hear events in the order of `seq`, also when one of them appends.
 */
export class SqliteEventLog implements EventLog {
  readonly #db: Sqlite;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: EventRecord) => void>();
  readonly #undelivered: EventRecord[] = [];
  #isDelivering = false;

  constructor({ db, clock, logger }: { db: Sqlite; clock: Clock; logger: Logger }) {
    this.#db = db;
    this.#clock = clock;
    this.#logger = logger;
  }

  append(type: EventType, fields: Readonly<Record<string, unknown>> = {}): EventRecord {
    const json = serialise(fields);
    const time = this.#clock.date().toISOString();
    const { lastInsertRowid: seq } = this.#db.run("INSERT INTO events (time, type, json) VALUES (?, ?, ?)", [
      time,
      type,
      json,
    ]);
    const event = toRecord({ seq, time, type, json });
    this.#db.afterCommit(() => this.#deliver(event));
    return event;
  }

  read(fromSeq: number, limit: number): readonly EventRecord[] {
    const most = Math.max(0, Math.min(Math.trunc(limit) || 0, maxEventsPerRead));
    const from = Math.max(0, Math.trunc(fromSeq) || 0);
    return this.#db
      .all(row, "SELECT seq, time, type, json FROM events WHERE seq >= ? ORDER BY seq LIMIT ?", [from, most])
      .map(toRecord);
  }

  subscribe(listener: (event: EventRecord) => void): () => void {
    // A wrapper of its own, so that subscribing twice means being called twice.
    const own = (event: EventRecord) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  // --- internal ---

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

function toRecord({ seq, time, type, json }: z.output<typeof row>): EventRecord {
  return { ...fieldsOf.parse(JSON.parse(json)), seq, time, type };
}

/** Throws for what must never be in an event: that is a fault of the program, not of its input. */
function serialise(fields: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(fields, (_key, value: unknown) => {
    const isVector =
      ArrayBuffer.isView(value) ||
      value instanceof ArrayBuffer ||
      (Array.isArray(value) && value.length >= vectorLength && value.every((item) => typeof item === "number"));
    if (isVector) throw new TypeError("an event must not hold a vector or bytes");
    return typeof value === "string" && value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value;
  });
  if (Buffer.byteLength(json) > maxEventBytes) throw new RangeError(`an event must stay below ${maxEventBytes} bytes`);
  return json;
}
