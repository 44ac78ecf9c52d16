import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { checkpoint, deleteBackups } from "./database.ts";
import { type Search, searchRemains } from "./remains.ts";
import type { Sqlite } from "./sqlite.ts";

const pending = "erasure-pending";

/** Emptying copies holds the thread up: whoever has to hear of a removal, other doors above all, hears of it first. */
const othersFirstMs = 50;

/** Notes, in the transaction that deletes, that copies must be emptied; a process that dies before does it when it starts. */
export function noteErasure(db: Sqlite): void {
  db.run("INSERT INTO meta (name, value) VALUES (?, '1') ON CONFLICT (name) DO NOTHING", [pending]);
}

/**
 * Empties what may still hold deleted rows (the write-ahead file, copies made before migrations) and then looks for them in
 * every file of the state directory. `PRAGMA secure_delete` has overwritten the rows themselves; should a piece be found
 * all the same, the database is written anew and looked through again.
 */
export async function eraseCopies(
  db: Sqlite,
  secrets: readonly Uint8Array[],
  { stateDirectory, leaveOut }: { stateDirectory: string; leaveOut: readonly string[] },
): Promise<Search> {
  await wait(othersFirstMs);
  checkpoint(db);
  deleteBackups(stateDirectory);
  if (secrets.length === 0) {
    settled(db);
    return { files: 0, bytes: 0, remains: [] };
  }
  let search = await searchRemains(stateDirectory, secrets, leaveOut);
  if (search.remains.some((name) => name.startsWith(basename(db.file)))) {
    rewrite(db);
    search = await searchRemains(stateDirectory, secrets, leaveOut);
  }
  if (search.remains.length === 0 && db.isOpen) settled(db);
  return search;
}

/** At the start: finishes an erasure that a crash cut short. True when there was one. */
export function finishErasure(db: Sqlite, stateDirectory: string): boolean {
  const isPending = db.get(z.object({ value: z.string() }), "SELECT value FROM meta WHERE name = ?", [pending]);
  if (!isPending) return false;
  deleteBackups(stateDirectory);
  rewrite(db);
  settled(db);
  return true;
}

// --- internal ---

/** The whole database anew, without a byte of what was deleted; the temporary copy stays in memory. */
function rewrite(db: Sqlite): void {
  db.exec("PRAGMA temp_store = MEMORY");
  db.exec("VACUUM");
  checkpoint(db);
}

function settled(db: Sqlite): void {
  db.run("DELETE FROM meta WHERE name = ?", [pending]);
}
