import { z } from "zod";
import type { Sqlite } from "../store/sqlite.ts";
import { type DoorDocument, doorDocument } from "./documents.ts";
import type { Stamp } from "./stamp.ts";

/**
 * How a record stands here: `held` in the gallery, `waiting` for the manifest, `left` because this door does not take that
 * group, `removed`.
 */
export type RecordState = "held" | "waiting" | "left" | "removed";

export interface FleetRecord extends Stamp {
  readonly topic: string;
  readonly state: RecordState;
  readonly updatedAt: string | null;
  readonly jws: string | null;
  readonly sealed: string | null;
  readonly message: string | null;
  readonly step: number;
}

const row = z.object({
  topic: z.string(),
  life: z.int(),
  version: z.int(),
  removed: z.int(),
  door: z.string(),
  digest: z.string(),
  state: z.enum(["held", "waiting", "left", "removed"]),
  updated_at: z.string().nullable(),
  jws: z.string().nullable(),
  sealed: z.string().nullable(),
  message: z.string().nullable(),
  step: z.int(),
});
const text = z.object({ value: z.string() });
const keptRoots = 1024;

/** What one door keeps of its fleet. */
export class FleetStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  get(topic: string): FleetRecord | undefined {
    const found = this.#db.get(row, "SELECT * FROM fleet_records WHERE topic = ?", [topic]);
    return found && toRecord(found);
  }

  /** Every record, without what is large. */
  stamps(): FleetRecord[] {
    return this.#db.all(row, "SELECT *, NULL AS sealed, NULL AS jws FROM fleet_records ORDER BY topic").map(toRecord);
  }

  topicsIn(state: RecordState): string[] {
    const sql = "SELECT topic AS value FROM fleet_records WHERE state = ? ORDER BY topic";
    return this.#db.all(text, sql, [state]).map(({ value }) => value);
  }

  put(record: FleetRecord): void {
    const { topic, life, version, isRemoved, door, digest, state, updatedAt, jws, sealed, message, step } = record;
    this.#db.run(
      `INSERT OR REPLACE INTO fleet_records
         (topic, life, version, removed, door, digest, state, updated_at, jws, sealed, message, step)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [topic, life, version, isRemoved ? 1 : 0, door, digest, state, updatedAt, jws, sealed, message, step],
    );
  }

  /** What waits of a person goes at once when the person is removed; the stamp stays. */
  forgetSealed(topic: string): void {
    this.#db.run("UPDATE fleet_records SET sealed = NULL WHERE topic = ?", [topic]);
  }

  /** The newest removals with the step since when they are part of the root. */
  removals(limit: number): { topic: string; step: number; door: string }[] {
    const sql = "SELECT topic, step, door FROM fleet_records WHERE removed = 1 ORDER BY step DESC LIMIT ?";
    return this.#db.all(row.pick({ topic: true, step: true, door: true }), sql, [limit]);
  }

  doors(): DoorDocument[] {
    const found = this.#db.all(text, "SELECT json AS value FROM fleet_doors ORDER BY door");
    return found.map(({ value }) => doorDocument.parse(JSON.parse(value)));
  }

  putDoor(document: DoorDocument): void {
    this.#db.run("INSERT OR REPLACE INTO fleet_doors (door, json) VALUES (?, ?)", [
      document.door,
      JSON.stringify(document),
    ]);
  }

  roots(): { step: number; root: string }[] {
    return this.#db.all(z.object({ step: z.int(), root: z.string() }), "SELECT * FROM fleet_roots ORDER BY step");
  }

  putRoot({ step, root }: { step: number; root: string }): void {
    this.#db.run("INSERT OR REPLACE INTO fleet_roots (step, root) VALUES (?, ?)", [step, root]);
    const surplus = "SELECT step FROM fleet_roots ORDER BY step DESC LIMIT 1 OFFSET ?";
    this.#db.run(`DELETE FROM fleet_roots WHERE step <= (${surplus})`, [keptRoots]);
  }

  state(name: string): string | undefined {
    return this.#db.get(text, "SELECT value FROM fleet_state WHERE name = ?", [name])?.value;
  }

  setState(name: string, value: string): void {
    this.#db.run("INSERT OR REPLACE INTO fleet_state (name, value) VALUES (?, ?)", [name, value]);
  }

  /** The records of another site mean nothing here. */
  forgetAll(): void {
    this.#db.transaction(() => {
      for (const table of ["fleet_records", "fleet_doors", "fleet_roots", "fleet_state"]) {
        this.#db.run(`DELETE FROM ${table}`);
      }
    });
  }
}

// --- internal ---

function toRecord({ removed, updated_at, ...rest }: z.output<typeof row>): FleetRecord {
  return { ...rest, isRemoved: removed === 1, updatedAt: updated_at };
}
