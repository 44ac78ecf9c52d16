import { z } from "zod";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Sqlite } from "./sqlite.ts";

/** One text kept over restarts; empty: none. */
export interface Note {
  get(): string;
  /** Never throws: on a full disk it is known until this process ends. */
  set(text: string): void;
}

/** The note of that name. */
export function createNote(db: Sqlite, name: string, logger: Logger): Note {
  let known: string | undefined;
  return {
    get() {
      known ??= db.get(z.object({ value: z.string() }), "SELECT value FROM meta WHERE name = ?", [name])?.value ?? "";
      return known;
    },
    set(text) {
      known = text;
      try {
        db.run("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", [
          name,
          text,
        ]);
      } catch (error) {
        logger.warn({ note: name, error: errorText(error) }, "note not written");
      }
    },
  };
}
