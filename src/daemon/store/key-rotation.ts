import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { checkpoint, deleteBackups } from "./database.ts";
import { noteErasure } from "./erasure.ts";
import { bindKey, boundKey } from "./gallery-key.ts";
import { destroyKeyFile, keyIn, syncDirectoryOf } from "./key-files.ts";
import type { PeopleStore } from "./people-store.ts";
import { writeSecretFile } from "./private-files.ts";
import type { Sqlite } from "./sqlite.ts";
import { keyBytes, Vault } from "./vault.ts";

/**
 * A new gallery key, whatever happens on the way. The database says at every moment which key it was sealed with; the new
 * key lies in a file before the database is sealed with it, and the old one is destroyed only after. `settleRotation`
 * brings any state in between to its end:
 *
 * | files beside `gallery.key` | the database is sealed with | then |
 * |---|---|---|
 * | `.next` | the old key | the new key was never used: it is destroyed |
 * | `.next` | the new key | it takes the place of the old one |
 * | `.old` | the new key, in its place | the old key is destroyed |
 */
export interface RotationParts {
  readonly db: Sqlite;
  readonly store: PeopleStore;
  readonly file: string;
  readonly stateDirectory: string;
  readonly logger: Logger;
  /** Writes the event, in the transaction that seals the vectors anew. */
  record(sealed: Resealed): void;
}

export interface Resealed {
  readonly vectors: number;
  readonly damaged: number;
}

export interface RotationStep {
  readonly name: string;
  run(): void;
}

/** The steps in their order; a crash may come between any two of them, or within one. */
export function rotationSteps(parts: RotationParts): { readonly steps: readonly RotationStep[]; result(): Resealed } {
  const { db, store, file, stateDirectory, record } = parts;
  const key = randomBytes(keyBytes);
  let resealed: Resealed = { vectors: 0, damaged: 0 };
  const steps: RotationStep[] = [
    { name: "write the new key", run: () => writeSecretFile(nextOf(file), key) },
    {
      name: "seal every vector anew",
      run: () => {
        const vault = new Vault(key);
        key.fill(0);
        resealed = db.transaction(() => {
          const sealed = store.reseal(vault);
          bindKey(db, vault);
          noteErasure(db);
          record(sealed);
          return sealed;
        });
      },
    },
    {
      name: "empty the copies",
      run: () => {
        checkpoint(db);
        deleteBackups(stateDirectory);
      },
    },
    { name: "put the old key aside", run: () => renameSync(file, oldOf(file)) },
    { name: "put the new key in place", run: () => moveIn(file) },
    { name: "destroy the old key", run: () => destroyKeyFile(oldOf(file)) },
  ];
  return { steps, result: () => resealed };
}

/** Runs all steps. A failure leaves a state that works; `settleRotation` tidies it, now or at the next start. */
export function rotateGalleryKey(parts: RotationParts): Resealed {
  settleRotation(parts.db, parts.file, parts.logger);
  const { steps, result } = rotationSteps(parts);
  for (const { name, run } of steps) {
    try {
      run();
    } catch (error) {
      settleRotation(parts.db, parts.file, parts.logger);
      throw new LintelError(
        "LINTEL_E_STORAGE",
        `the gallery key was not changed cleanly (${name}): ${errorText(error)}`,
        {
          hint: "free disk space, give the daemon's user the directory of the key, restart, and try again",
          cause: error,
        },
      );
    }
  }
  return result();
}

/** Finishes or takes back a rotation that was cut short. Called before the key is read; what it cannot do it says. */
export function settleRotation(db: Sqlite, file: string, logger: Logger): void {
  try {
    settleNext(db, file);
    settleOld(db, file);
  } catch (error) {
    logger.error({ file, error: errorText(error) }, "an unfinished change of the gallery key could not be tidied up");
  }
}

// --- internal ---

const nextOf = (file: string) => `${file}.next`;
const oldOf = (file: string) => `${file}.old`;

function settleNext(db: Sqlite, file: string): void {
  const next = nextOf(file);
  if (!existsSync(next)) return;
  if (fits(db, next)) {
    if (existsSync(oldOf(file)) && existsSync(file)) destroyKeyFile(oldOf(file));
    if (existsSync(file)) renameSync(file, oldOf(file));
    moveIn(file);
  } else if (existsSync(file)) destroyKeyFile(next);
}

function settleOld(db: Sqlite, file: string): void {
  if (existsSync(oldOf(file)) && existsSync(file) && fits(db, file)) destroyKeyFile(oldOf(file));
}

function moveIn(file: string): void {
  renameSync(nextOf(file), file);
  syncDirectoryOf(file);
}

function fits(db: Sqlite, file: string): boolean {
  const key = keyIn(readFileSync(file));
  const bound = boundKey(db);
  return key !== undefined && bound !== undefined && new Vault(key).fits(bound);
}
