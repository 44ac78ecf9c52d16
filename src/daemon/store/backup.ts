import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { Link } from "../events/chain.ts";
import { anchorOf } from "../events/checkpoint.ts";
import { EventStore, headOf } from "../events/event-store.ts";
import { syncDirectoryOf } from "./key-files.ts";
import { migrations } from "./migrations.ts";
import { createPrivateFile } from "./private-files.ts";
import { Sqlite } from "./sqlite.ts";

/** What a copy holds. */
export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly people: number;
  /** The last event in it; a log that reaches further than this loses what comes after when the copy is restored. */
  readonly head: Link;
}

const number = z.object({ n: z.int() });
const busyTimeoutMs = 10_000;

/**
 * Writes a whole copy of the database of a state directory, beside a running daemon or without one: as of one moment, without
 * what was deleted, checked, and under its name only when it is complete and on the disk. The keys are not in it.
 *
 * Throws `LINTEL_E_NOT_FOUND` where no database is, `LINTEL_E_CONFLICT` when the file is there already, `LINTEL_E_STORAGE`.
 */
export function makeBackup(stateDirectory: string, file: string): BackupReport {
  const source = join(stateDirectory, "lintel.db");
  if (!existsSync(source)) {
    throw new LintelError("LINTEL_E_NOT_FOUND", `there is no database in ${stateDirectory}`, {
      hint: "name the configuration of the daemon with --config",
    });
  }
  if (existsSync(file)) {
    throw new LintelError("LINTEL_E_CONFLICT", `${file} is there already`, { hint: "name a new file" });
  }
  const part = `${file}.part`;
  rmSync(part, { force: true });
  createPrivateFile(part);
  try {
    copyInto(source, part);
    const { people, head } = lookInto(part);
    syncFile(part);
    renameSync(part, file);
    syncDirectoryOf(file);
    return { file, bytes: statSync(file).size, people, head };
  } finally {
    rmSync(part, { force: true });
  }
}

/** People and head of a copy. Throws `LINTEL_E_UNREADABLE` for a file that is damaged or no database of ours. */
export function lookInto(file: string): { people: number; head: Link; version: number } {
  const db = new Sqlite(file, { busyTimeoutMs });
  try {
    db.exec("PRAGMA query_only = ON");
    const version = db.get(z.object({ user_version: z.int() }), "PRAGMA user_version")?.user_version ?? 0;
    const problems = db.all(z.object({ integrity_check: z.string() }), "PRAGMA integrity_check(1)");
    if (problems.length !== 1 || problems[0]?.integrity_check !== "ok") throw notWhole(file, problems[0]);
    if (version < 1) throw notOurs(file);
    const people = db.get(number, "SELECT count(*) AS n FROM people")?.n ?? 0;
    const events = new EventStore(db);
    return { people, head: headOf(events, anchorOf(events)), version };
  } catch (error) {
    if (error instanceof LintelError && error.code !== "LINTEL_E_STORAGE") throw error;
    throw notOurs(file, error);
  } finally {
    db.close();
  }
}

export function syncFile(file: string): void {
  const descriptor = openSync(file, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// --- internal ---

function copyInto(source: string, part: string): void {
  const db = new Sqlite(source, { busyTimeoutMs });
  try {
    const version = db.get(z.object({ user_version: z.int() }), "PRAGMA user_version")?.user_version ?? 0;
    if (version > migrations.length) {
      throw new LintelError("LINTEL_E_DATABASE_NEWER", `${source} was written by a later lintel`, {
        hint: "use the lintel command of the same version as the daemon",
      });
    }
    db.run("VACUUM INTO ?", [part]);
  } finally {
    db.close();
  }
}

function notWhole(file: string, problem: { integrity_check: string } | undefined): LintelError {
  return new LintelError("LINTEL_E_UNREADABLE", `${file} is damaged: ${problem?.integrity_check ?? "unreadable"}`, {
    hint: "take another backup",
  });
}

function notOurs(file: string, cause?: unknown): LintelError {
  return new LintelError("LINTEL_E_UNREADABLE", `${file} is no backup of lintel, or damaged`, {
    hint: "name a file that lintel backup has written",
    cause,
  });
}
