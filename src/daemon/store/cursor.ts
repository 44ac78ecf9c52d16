import { z } from "zod";
import type { Sqlite } from "./sqlite.ts";

/** How far a reader of the event log has come; kept over restarts. */
export interface Cursor {
  /** `seq` of the last event that is done with; 0 before the first. */
  get(): number;
  /** Never goes back. */
  advance(seq: number): void;
}

/** The cursor of the reader of that name, for example `mqtt`. */
export function createCursor(db: Sqlite, name: string): Cursor {
  return {
    get: () => db.get(z.object({ seq: z.int() }), "SELECT seq FROM cursors WHERE name = ?", [name])?.seq ?? 0,
    advance(seq) {
      db.run(
        "INSERT INTO cursors (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)",
        [name, seq],
      );
    },
  };
}
