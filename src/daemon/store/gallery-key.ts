import { randomBytes } from "node:crypto";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { type KeyPlace, keyFileOf, readKey } from "./key-files.ts";
import { writeSecretFile } from "./private-files.ts";
import type { Sqlite } from "./sqlite.ts";
import { keyBytes, Vault } from "./vault.ts";

/**
 * The vault of this database. The key is read from the configured file, else from the credential `gallery.key`, else from
 * the state directory. If there is none and no template was ever stored, one is made (mode 0600) and said once.
 *
 * Throws `LINTEL_E_KEY_MISSING` when templates are there but no key, or another key than they were sealed with.
 */
export function openVault(db: Sqlite, place: KeyPlace, logger: Logger): Vault {
  const { file } = keyFileOf(place);
  const hasTemplates = countTemplates(db) > 0;
  let key = readKey(file, logger);
  if (key === undefined) {
    if (hasTemplates) throw keyMissing(file);
    key = randomBytes(keyBytes);
    writeSecretFile(file, key);
    logger.warn({ file }, "new gallery key made: keep a copy elsewhere, the templates cannot be read without it");
  }
  const vault = new Vault(key);
  key.fill(0);
  checkBinding(db, vault, { file, hasTemplates });
  return vault;
}

/** The check value of the key that the database was sealed with; undefined before the first. */
export function boundKey(db: Sqlite): string | undefined {
  return db.get(z.object({ value: z.string() }), "SELECT value FROM meta WHERE name = 'key-check'")?.value;
}

/** From here on the database counts as sealed with this key. */
export function bindKey(db: Sqlite, vault: Vault): void {
  db.run(
    "INSERT INTO meta (name, value) VALUES ('key-check', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [vault.keyCheck],
  );
}

// --- internal ---

const count = z.object({ n: z.int() });

function countTemplates(db: Sqlite): number {
  return db.get(count, "SELECT count(*) AS n FROM template_vectors")?.n ?? 0;
}

function keyMissing(file: string): LintelError {
  return new LintelError("LINTEL_E_KEY_MISSING", `people are enrolled, but their key ${file} is missing`, {
    hint: "put the key back from your copy; without it everybody must be enrolled anew in an empty stateDirectory",
  });
}

function checkBinding(db: Sqlite, vault: Vault, { file, hasTemplates }: { file: string; hasTemplates: boolean }): void {
  const known = boundKey(db);
  if (known !== undefined && vault.fits(known)) return;
  if (known !== undefined && hasTemplates) {
    throw new LintelError("LINTEL_E_KEY_MISSING", `${file} is not the key that the people were enrolled with`, {
      hint: "put the right key back from your copy",
    });
  }
  bindKey(db, vault);
}
