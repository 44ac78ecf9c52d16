import { z } from "zod";
import type { Sqlite } from "../store/sqlite.ts";

/** Marks one key may have in the window; beyond it the oldest are dropped and nothing as old as they is taken any more. */
export const maxMarksPerKey = 4096;

/** What identifies one signed request. Times in milliseconds since 1970. */
export interface Mark {
  readonly keyId: string;
  readonly jti: string;
  readonly issuedAtMs: number;
}

/**
 * The marks (`jti`) of the requests taken lately, in the database: written with full sync before a request is carried
 * out, so that neither a restart nor a power cut makes room for a second one. What is dropped from the window leaves a
 * floor behind: nothing issued at or before it is ever taken again, not even when the clock is set back.
 */
export class ReplayWindow {
  readonly #db: Sqlite;
  readonly #maxPerKey: number;

  constructor(db: Sqlite, maxPerKey = maxMarksPerKey) {
    this.#db = db;
    this.#maxPerKey = maxPerKey;
  }

  /** Takes the mark, or says why not. `forgetBeforeMs`: what was issued before is refused by its age anyway. */
  take(mark: Mark, forgetBeforeMs: number): "taken" | "replayed" | "old" {
    const issuedAtMs = Math.floor(mark.issuedAtMs);
    if (issuedAtMs <= this.#floorMs(mark.keyId)) return "old";
    if (this.#isKnown(mark)) return "replayed";
    this.#db.transaction(() => {
      this.#db.run("INSERT INTO request_marks (key_id, jti, issued_at_ms) VALUES (?, ?, ?)", [
        mark.keyId,
        mark.jti,
        issuedAtMs,
      ]);
      this.#prune(Math.floor(forgetBeforeMs));
      this.#keepWithinBounds(mark.keyId);
    });
    return "taken";
  }

  /** The key is gone: its marks go, and should it ever come back, nothing it had signed by then is taken. */
  forgetKey(keyId: string): void {
    this.#db.transaction(() => {
      this.#drop("key_id = ?", [keyId]);
    });
  }

  /** What was taken before is not known any more: nothing that these keys signed by then is taken. */
  closeThrough(floorMs: number, keyIds: readonly string[]): void {
    const upsert = `INSERT INTO request_floors (key_id, floor_ms) VALUES (?, ?)
       ON CONFLICT (key_id) DO UPDATE SET floor_ms = max(floor_ms, excluded.floor_ms)`;
    this.#db.transaction(() => {
      for (const keyId of keyIds) this.#db.run(upsert, [keyId, Math.floor(floorMs)]);
      this.#db.run("UPDATE request_floors SET floor_ms = max(floor_ms, ?)", [Math.floor(floorMs)]);
    });
  }

  /** How many marks are kept. */
  get size(): number {
    return this.#db.get(z.object({ n: z.int() }), "SELECT count(*) AS n FROM request_marks")?.n ?? 0;
  }

  // --- internal ---

  #floorMs(keyId: string): number {
    const row = z.object({ floor_ms: z.number() });
    const found = this.#db.get(row, "SELECT floor_ms FROM request_floors WHERE key_id = ?", [keyId]);
    return found?.floor_ms ?? Number.NEGATIVE_INFINITY;
  }

  #isKnown({ keyId, jti }: Mark): boolean {
    const row = z.object({ n: z.int() });
    const found = this.#db.get(row, "SELECT count(*) AS n FROM request_marks WHERE key_id = ? AND jti = ?", [
      keyId,
      jti,
    ]);
    return (found?.n ?? 0) > 0;
  }

  #prune(beforeMs: number): void {
    const row = z.object({ oldest: z.number().nullable() });
    const oldest = this.#db.get(row, "SELECT min(issued_at_ms) AS oldest FROM request_marks")?.oldest ?? null;
    if (oldest !== null && oldest < beforeMs) this.#drop("issued_at_ms < ?", [beforeMs]);
  }

  #keepWithinBounds(keyId: string): void {
    const row = z.object({ issued_at_ms: z.number() });
    // The newest one that is too many: it and all as old as it go together, for the floor covers them all.
    const sql = "SELECT issued_at_ms FROM request_marks WHERE key_id = ? ORDER BY issued_at_ms DESC LIMIT 1 OFFSET ?";
    const surplus = this.#db.get(row, sql, [keyId, this.#maxPerKey]);
    if (surplus) this.#drop("key_id = ? AND issued_at_ms <= ?", [keyId, surplus.issued_at_ms]);
  }

  #drop(where: string, params: readonly (string | number)[]): void {
    this.#db.run(
      `INSERT INTO request_floors (key_id, floor_ms)
       SELECT key_id, max(issued_at_ms) FROM request_marks WHERE ${where} GROUP BY key_id
       ON CONFLICT (key_id) DO UPDATE SET floor_ms = max(floor_ms, excluded.floor_ms)`,
      params,
    );
    this.#db.run(`DELETE FROM request_marks WHERE ${where}`, params);
  }
}
