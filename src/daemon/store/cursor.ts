import { z } from "zod";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Sqlite } from "./sqlite.ts";

/** How far a reader of the event log has come; kept over restarts. */
export interface Cursor {
  /** `seq` of the last event that is done with; 0 before the first. */
  get(): number;
  /**
   * Never goes back, never throws: a disk that is full must stop nobody from reading on. What could not be written is
   * known until this process ends and written with the next advance; after a restart the reader sees some events again.
   */
  advance(seq: number): void;
  /** Back to before the first event, for a log that began anew. */
  restart(): void;
}

/** The cursor of the reader of that name, for example `mqtt`. */
export function createCursor(db: Sqlite, name: string, logger: Logger): Cursor {
  let known: number | undefined;
  const get = () => {
    known ??= db.get(z.object({ seq: z.int() }), "SELECT seq FROM cursors WHERE name = ?", [name])?.seq ?? 0;
    return known;
  };
  const set = (seq: number) => {
    known = seq;
    try {
      db.run("INSERT INTO cursors (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq", [
        name,
        seq,
      ]);
    } catch (error) {
      // The event log itself says what is wrong with the disk.
      logger.debug({ cursor: name, error: errorText(error) }, "cursor not written");
    }
  };
  return {
    get,
    advance: (seq) => set(Math.max(get(), seq)),
    restart: () => set(0),
  };
}
