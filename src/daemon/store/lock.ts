import { existsSync } from "node:fs";
import { join } from "node:path";
import { LintelError } from "../../core/errors.ts";
import { createPrivateFile, makeStateDirectory } from "./private-files.ts";
import { Sqlite } from "./sqlite.ts";

export interface StateLock {
  /** Safe to call twice. */
  release(): void;
}

/**
 * Takes the state directory for this process: an exclusive transaction on `lintel.lock` that is never finished. The lock
 * is the kernel's (POSIX record locks under SQLite), so that it ends with the process however the process ends, and there
 * is no stale lock to clean up. Throws `LINTEL_E_STATE_IN_USE` at once when another process has it.
 *
 * Nothing else in this process may open that file: closing any descriptor of it would drop the lock.
 */
export function lockState(stateDirectory: string): StateLock {
  makeStateDirectory(stateDirectory);
  const file = join(stateDirectory, "lintel.lock");
  if (!existsSync(file)) createPrivateFile(file);
  const db = new Sqlite(file, { busyTimeoutMs: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new LintelError("LINTEL_E_STATE_IN_USE", `another lintel process uses ${stateDirectory}`, {
      hint: "stop it first, or give this one a stateDirectory of its own",
      cause: error,
    });
  }
  return { release: () => db.close() };
}

// --- internal ---

function isBusy(error: unknown): boolean {
  const cause = error instanceof LintelError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && String(cause.code).startsWith("SQLITE_BUSY");
}
