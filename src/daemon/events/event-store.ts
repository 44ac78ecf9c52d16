import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { type EventRecord, eventTypes } from "../api.ts";
import type { Sqlite } from "../store/sqlite.ts";
import { type ChainedRow, firstLink, genesis, type Link, linkHash } from "./chain.ts";

/** A stored event. `hash` is hexadecimal, or empty for one that was written before there was a chain. */
export interface StoredEvent extends ChainedRow {
  readonly hash: string;
}

/** A checkpoint as it lies in the database. */
export interface StoredCheckpoint {
  readonly throughSeq: number;
  readonly json: string;
  /** Ed25519, hexadecimal. */
  readonly signature: string;
}

const columns = "seq, time, type, json, lower(hex(hash)) AS hash";
const storedEvent = z.object({
  seq: z.int(),
  time: z.string(),
  type: z.string(),
  json: z.string(),
  hash: z.string(),
});
const storedCheckpoint = z.object({ throughSeq: z.int(), json: z.string(), signature: z.string() });
const number = z.object({ n: z.int().nullable() });
const text = z.object({ value: z.string() });

/** The tables of the audit log; judges nothing. */
export class EventStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  insert({ seq, time, type, json, hash }: StoredEvent): void {
    this.#db.run("INSERT INTO events (seq, time, type, json, hash) VALUES (?, ?, ?, ?, ?)", [
      seq,
      time,
      type,
      json,
      Buffer.from(hash, "hex"),
    ]);
  }

  /** The events after `seq`, oldest first. */
  after(seq: number, limit: number): readonly StoredEvent[] {
    return this.#db.all(storedEvent, `SELECT ${columns} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`, [seq, limit]);
  }

  count(): number {
    return this.#db.get(number, "SELECT count(*) AS n FROM events")?.n ?? 0;
  }

  newest(): StoredEvent | undefined {
    return this.#db.get(storedEvent, `SELECT ${columns} FROM events ORDER BY seq DESC LIMIT 1`);
  }

  /** The highest number ever given out, also when its event is not there any more. */
  lastSeq(): number {
    const sequence = this.#db.get(number, "SELECT seq AS n FROM sqlite_sequence WHERE name = 'events'")?.n ?? 0;
    return Math.max(sequence, this.newest()?.seq ?? 0);
  }

  /** First event that is younger than the limit and not from the future: whatever stands before it is old. */
  firstSince(since: string, now: string): number | undefined {
    const sql = "SELECT seq AS n FROM events WHERE time >= ? AND time <= ? ORDER BY seq LIMIT 1";
    return this.#db.get(number, sql, [since, now])?.n ?? undefined;
  }

  /** Only what a checkpoint covers; the database itself refuses the rest. */
  deleteThrough(seq: number): number {
    return this.#db.run("DELETE FROM events WHERE seq <= ?", [seq]).changes;
  }

  checkpoints(): readonly StoredCheckpoint[] {
    return this.#db.all(
      storedCheckpoint,
      "SELECT through_seq AS throughSeq, json, lower(hex(signature)) AS signature FROM event_checkpoints ORDER BY through_seq",
    );
  }

  addCheckpoint({ throughSeq, json, signature }: StoredCheckpoint): void {
    this.#db.run("INSERT INTO event_checkpoints (through_seq, json, signature) VALUES (?, ?, ?)", [
      throughSeq,
      json,
      Buffer.from(signature, "hex"),
    ]);
  }

  /** For a checkpoint that was just replaced by one that covers more. */
  dropCheckpoint(throughSeq: number): void {
    this.#db.run("DELETE FROM event_checkpoints WHERE through_seq = ?", [throughSeq]);
  }

  note(name: string): string | undefined {
    return this.#db.get(text, "SELECT value FROM meta WHERE name = ?", [name])?.value;
  }

  setNote(name: string, value: string): void {
    this.#db.run(
      "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [name, value],
    );
  }

  /**
   * Gives the events that were written before there was a chain their hashes, from `genesis` on, once in the life of a
   * database: an event without a hash that turns up later is a broken link.
   */
  beginChain(now: string): void {
    if (this.note(chainNote) !== undefined) return;
    this.#db.transaction(() => {
      let last: Link = firstLink;
      let adoptedThrough = 0;
      for (let rows = this.after(0, adoptedAtOnce); rows.length > 0; rows = this.after(last.seq, adoptedAtOnce)) {
        for (const row of rows) {
          const hash = row.hash === "" ? linkHash(last.hash, row) : row.hash;
          if (row.hash === "") {
            this.#db.run("UPDATE events SET hash = ? WHERE seq = ?", [Buffer.from(hash, "hex"), row.seq]);
            adoptedThrough = row.seq;
          }
          last = { seq: row.seq, hash };
        }
      }
      this.setNote(chainNote, JSON.stringify({ at: now, adoptedThrough }));
    });
  }
}

/** The event as everybody else sees it. Throws `LINTEL_E_STORAGE` for a row that was not written by us. */
export function toRecord({ seq, time, type, json, hash }: StoredEvent): EventRecord {
  try {
    const fields = fieldsOf.parse(JSON.parse(json));
    return { ...fields, seq, time, type: eventType.parse(type), ...(hash === "" ? {} : { hash }) };
  } catch (error) {
    throw new LintelError("LINTEL_E_STORAGE", `event ${seq} makes no sense`, {
      hint: "lintel events verify says whether the log was altered",
      cause: error,
    });
  }
}

/** Where the chain goes on: the last event, else what the last checkpoint says, else the beginning. */
export function headOf(store: EventStore, anchor: Link): Link {
  const newest = store.newest();
  if (newest === undefined) return anchor;
  return { seq: newest.seq, hash: newest.hash === "" ? genesis : newest.hash };
}

// --- internal ---

const chainNote = "events-chain";
const adoptedAtOnce = 1000;
const eventType = z.enum(eventTypes);
const fieldsOf = z.record(z.string(), z.unknown());
