import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Migration } from "./migration.ts";
import { migrations as shippedMigrations } from "./migrations.ts";
import { createPrivateFile, makePrivate, makeStateDirectory } from "./private-files.ts";
import { Sqlite } from "./sqlite.ts";

export interface DatabaseOptions {
  readonly stateDirectory: string;
  readonly logger: Logger;
  /** Absent: those of this version. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens `<stateDirectory>/lintel.db`, making it if needed and bringing an older one up to date, with a copy of the old one
 * beside it before each step (`lintel.db.v<N>.backup`). The caller holds the lock of the state directory.
 *
 * Throws `LINTEL_E_DATABASE_NEWER` for a database of a later version (nothing is touched), `LINTEL_E_STORAGE` for a disk
 * or file that cannot be used.
 */
export function openDatabase({ stateDirectory, logger, migrations = shippedMigrations }: DatabaseOptions): Sqlite {
  makeStateDirectory(stateDirectory);
  const file = join(stateDirectory, "lintel.db");
  if (!existsSync(file)) createPrivateFile(file);
  if (makePrivate(file)) logger.warn({ file }, "database was readable by others; its mode is 0600 now");
  const db = new Sqlite(file, { busyTimeoutMs: 2000 });
  try {
    refuseNewer(db, migrations.length);
    // WAL and FULL: a commit is on the disk when it returns. secure_delete: what is deleted is overwritten with zeros.
    db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304;",
    );
    migrate(db, migrations, logger);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Writes the write-ahead file back and empties it, so that deleted rows survive nowhere. */
export function checkpoint(db: Sqlite): void {
  db.all(z.unknown(), "PRAGMA wal_checkpoint(TRUNCATE)");
}

/** Ends the name of a database that a restored backup took the place of. */
export const beforeRestore = ".before-restore";

/** Removes the copies made before migrations and what a backup took the place of: they hold people who may since have left. */
export function deleteBackups(stateDirectory: string): void {
  for (const name of readdirSync(stateDirectory)) {
    if (/^lintel\.db\.(v\d+\.backup(\.part)?|before-restore(-wal|-shm)?)$/.test(name)) {
      rmSync(join(stateDirectory, name), { force: true });
    }
  }
}

// --- internal ---

function versionOf(db: Sqlite): number {
  return db.get(z.object({ user_version: z.int() }), "PRAGMA user_version")?.user_version ?? 0;
}

function refuseNewer(db: Sqlite, supported: number): void {
  const version = versionOf(db);
  if (version <= supported) return;
  throw new LintelError(
    "LINTEL_E_DATABASE_NEWER",
    `${db.file} has version ${version}, this lintel knows versions up to ${supported}`,
    { hint: "install the newer lintel again, or restore the backup that was made before its first start" },
  );
}

/** A database that has just been made holds nothing yet that a copy could save. */
function migrate(db: Sqlite, migrations: readonly Migration[], logger: Logger): void {
  const isNew = versionOf(db) === 0;
  for (const [step, migration] of migrations.entries()) {
    const from = versionOf(db);
    if (step < from) continue;
    const copy = isNew ? null : backUp(db, from);
    db.transaction(() => {
      db.exec(migration.sql);
      db.exec(`PRAGMA user_version = ${step + 1}`);
    });
    logger.info({ version: step + 1, migration: migration.name, backup: copy }, "database migrated");
  }
}

/** A whole copy by VACUUM INTO; it gets its name only when it is complete. */
function backUp(db: Sqlite, version: number): string {
  const copy = `${db.file}.v${version}.backup`;
  const part = `${copy}.part`;
  rmSync(part, { force: true });
  createPrivateFile(part);
  db.run("VACUUM INTO ?", [part]);
  renameSync(part, copy);
  return copy;
}
