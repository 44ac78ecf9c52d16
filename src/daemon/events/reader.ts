import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { migrations } from "../store/migrations.ts";
import { Sqlite } from "../store/sqlite.ts";
import { EventStore } from "./event-store.ts";

/** The audit log for somebody who only reads: beside a running daemon, or without one. */
export interface EventReader {
  readonly store: EventStore;
  close(): void;
}

/**
 * Opens the database of a state directory for reading alone (`query_only`). Throws `LINTEL_E_NOT_FOUND` where none is,
 * `LINTEL_E_DATABASE_NEWER` for one of a later version, `LINTEL_E_STORAGE` for one that was not brought up to date yet.
 */
export function openEventReader(stateDirectory: string): EventReader {
  const file = join(stateDirectory, "lintel.db");
  if (!existsSync(file)) {
    throw new LintelError("LINTEL_E_NOT_FOUND", `there is no database in ${stateDirectory}`, {
      hint: "name the configuration of the daemon with --config",
    });
  }
  const db = new Sqlite(file, { busyTimeoutMs: 2000 });
  try {
    db.exec("PRAGMA query_only = ON");
    requireVersion(db);
  } catch (error) {
    db.close();
    throw error;
  }
  return { store: new EventStore(db), close: () => db.close() };
}

// --- internal ---

function requireVersion(db: Sqlite): void {
  const version = db.get(z.object({ user_version: z.int() }), "PRAGMA user_version")?.user_version ?? 0;
  if (version === migrations.length) return;
  if (version > migrations.length) {
    throw new LintelError("LINTEL_E_DATABASE_NEWER", `${db.file} was written by a later lintel`, {
      hint: "use the lintel command of the same version as the daemon",
    });
  }
  throw new LintelError("LINTEL_E_STORAGE", `${db.file} was written by an earlier lintel`, {
    hint: "start the daemon of this version once, it brings the database up to date",
  });
}
