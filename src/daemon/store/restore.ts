import { chownSync, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { readAuditKey } from "../events/audit-key.ts";
import type { Link } from "../events/chain.ts";
import { SqliteEventLog } from "../events/event-log.ts";
import { EventStore } from "../events/event-store.ts";
import { verifyChain } from "../events/verify.ts";
import { FleetStore } from "../fleet/store.ts";
import { distrustList } from "../fleet/sync-state.ts";
import { KeyRing } from "../keys/key-ring.ts";
import { maxAheadMs } from "../keys/signed-requests.ts";
import { lookInto, syncFile } from "./backup.ts";
import { beforeRestore, openDatabase } from "./database.ts";
import { openVault } from "./gallery-key.ts";
import { type KeyPlace, syncDirectoryOf } from "./key-files.ts";
import { lockState } from "./lock.ts";
import { migrations } from "./migrations.ts";
import { createPrivateFile, makeStateDirectory } from "./private-files.ts";
import type { Sqlite } from "./sqlite.ts";

export interface RestoreOptions {
  readonly place: KeyPlace;
  /** What `makeBackup` wrote. */
  readonly file: string;
  /** A database that is there is put aside; otherwise it is a conflict. */
  readonly replace: boolean;
  /** Take a log whose chain or checkpoints cannot be verified. */
  readonly unverified: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RestoreReport {
  readonly people: readonly { readonly id: string; readonly name: string; readonly enabled: boolean }[];
  /** The last event that the backup holds; what happened after it is not known here any more. */
  readonly head: Link;
  /** Time of that event, ISO 8601; null for an empty log. */
  readonly lastEventAt: string | null;
  /** Keys for signed requests that the backup knew: left out, to be added again by whoever may. */
  readonly keysLeftOut: readonly { readonly name: string; readonly id: string; readonly roles: readonly string[] }[];
  /** The door belongs to a fleet: it lets nobody in before it has caught up with the other doors. */
  readonly isInFleet: boolean;
  /** Where the database lies that was there before; null: there was none. */
  readonly putAside: string | null;
}

/**
 * Puts a backup in the place of the database, as something that may be out of date: people, keys and rules that were taken
 * away since are in it, and what was noted against replays since is not. So the door starts in lockdown until somebody has
 * looked; keys for signed requests are left out, and nothing signed before now is ever taken; a door of a fleet trusts its
 * list only when it has caught up. All of it stands in the log.
 *
 * Nothing is changed before the backup was found whole, its chain holds, and the gallery key opens it. Throws
 * `LINTEL_E_STATE_IN_USE` while a daemon runs, `LINTEL_E_UNREADABLE`, `LINTEL_E_DATABASE_NEWER`, `LINTEL_E_KEY_MISSING`,
 * `LINTEL_E_CONFLICT`, `LINTEL_E_STORAGE`.
 */
export function restoreBackup(options: RestoreOptions): RestoreReport {
  const { stateDirectory } = options.place;
  const lock = lockState(stateDirectory);
  const staging = join(stateDirectory, "restoring");
  try {
    const target = join(stateDirectory, "lintel.db");
    if (existsSync(target) && !options.replace) {
      throw new LintelError("LINTEL_E_CONFLICT", `${target} is there already`, {
        hint: "say --replace to put it aside and take the backup in its place",
      });
    }
    rmSync(staging, { recursive: true, force: true });
    const staged = stage(options, staging);
    const putAside = swap(staged.file, target);
    giveToOwner(stateDirectory, ["lintel.db", "lintel.lock", "gallery.key"]);
    const { file: _, ...report } = staged;
    return { ...report, putAside };
  } finally {
    rmSync(staging, { recursive: true, force: true });
    lock.release();
  }
}

// --- internal ---

type Staged = Omit<RestoreReport, "putAside"> & { readonly file: string };

/** A copy in a directory of its own, checked and made distrustful; the backup itself is never written to. */
function stage(options: RestoreOptions, staging: string): Staged {
  const { file, place, unverified, logger } = options;
  makeStateDirectory(staging);
  const copy = join(staging, "lintel.db");
  createPrivateFile(copy);
  try {
    copyFileSync(file, copy);
  } catch (error) {
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot read ${file}: ${errorText(error)}`, {
      hint: "name a file that lintel backup has written, and leave room for it in the state directory",
      cause: error,
    });
  }
  const { head, version } = lookInto(copy);
  if (version > migrations.length) {
    throw new LintelError("LINTEL_E_DATABASE_NEWER", `${file} was written by a later lintel`, {
      hint: "install that version first",
    });
  }
  const db = openDatabase({ stateDirectory: staging, logger });
  try {
    openVault(db, place, logger);
    if (!unverified) requireChain(db, place, file);
    const lastEventAt = new EventStore(db).newest()?.time ?? null;
    const doubts = distrust(db, head, options);
    const whole = join(staging, "whole.db");
    createPrivateFile(whole);
    db.run("VACUUM INTO ?", [whole]);
    syncFile(whole);
    return { file: whole, people: peopleIn(db), head, lastEventAt, ...doubts };
  } finally {
    db.close();
  }
}

function requireChain(db: Sqlite, place: KeyPlace, file: string): void {
  const store = new EventStore(db);
  const trustedKeys = [readAuditKey(place)?.publicKey].filter((key) => key !== undefined);
  const { ok, brokenAt, reason } = verifyChain({ store, trustedKeys });
  if (ok) return;
  const isKeyAbsent = reason === "checkpoint" && trustedKeys.length === 0;
  throw new LintelError(
    isKeyAbsent ? "LINTEL_E_KEY_MISSING" : "LINTEL_E_UNREADABLE",
    isKeyAbsent
      ? "old events were removed, but the key that signed for it (audit.key) is missing"
      : `the log in ${file} is broken at event ${brokenAt}: somebody may have changed it`,
    { hint: "put audit.key back from your copy, take another backup, or say --unverified to take it as it is" },
  );
}

/** Everything that a backup may be wrong about counts against the door. */
function distrust(db: Sqlite, head: Link, { clock, logger }: RestoreOptions) {
  const events = new SqliteEventLog({ db, clock, logger });
  const ring = new KeyRing({ db, events, clock });
  ring.start();
  const keys = ring.list();
  const isInFleet = db.transaction(() => {
    events.append("updated", { changed: ["restored"], from: { seq: head.seq, hash: head.hash }, by: "restore" });
    // As when it was there before a restart: only an operator's word ends it.
    events.append("mode", { mode: "lockdown", by: "restore" });
    for (const { id } of keys) ring.remove(id, "restore");
    ring.replay.closeThrough(
      clock.date().getTime() + maxAheadMs,
      keys.map(({ id }) => id),
    );
    return distrustList(new FleetStore(db));
  });
  return { keysLeftOut: keys.map(({ name, id, roles }) => ({ name, id, roles })), isInFleet };
}

function peopleIn(db: Sqlite) {
  const row = z.object({ id: z.string(), name: z.string(), enabled: z.int() });
  const found = db.all(row, "SELECT id, name, enabled FROM people ORDER BY id");
  return found.map(({ id, name, enabled }) => ({ id, name, enabled: enabled === 1 }));
}

/** Root may restore for the daemon's user: what it has made belongs to whoever has the directory. */
function giveToOwner(stateDirectory: string, names: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(stateDirectory);
  for (const name of names) {
    const file = join(stateDirectory, name);
    if (existsSync(file)) chownSync(file, uid, gid);
  }
}

/**
 * There is a database at every moment. The write-ahead file goes first: it must never be read into another database than its
 * own.
 */
function swap(file: string, target: string): string | null {
  const aside = `${target}${beforeRestore}`;
  const wasThere = existsSync(target);
  for (const end of ["", "-wal", "-shm"]) rmSync(`${aside}${end}`, { force: true });
  if (existsSync(`${target}-wal`)) renameSync(`${target}-wal`, `${aside}-wal`);
  rmSync(`${target}-shm`, { force: true });
  if (wasThere) linkSync(target, aside);
  renameSync(file, target);
  syncDirectoryOf(target);
  return wasThere ? aside : null;
}
