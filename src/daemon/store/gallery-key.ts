import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Sqlite } from "./sqlite.ts";
import { keyBytes, Vault } from "./vault.ts";

export interface KeyPlace {
  readonly stateDirectory: string;
  /** `gallery.keyFile` of the configuration. */
  readonly keyFile: string | undefined;
  /** `$CREDENTIALS_DIRECTORY` of systemd. */
  readonly credentialsDirectory: string | undefined;
}

/**
 * The vault of this database. The key is read from the configured file, else from the credential `gallery.key`, else from
 * the state directory. If there is none and no template was ever stored, one is made (mode 0600) and said once.
 *
 * Throws `LINTEL_E_KEY_MISSING` when templates are there but no key, or another key than they were sealed with.
 */
export function openVault(db: Sqlite, place: KeyPlace, logger: Logger): Vault {
  const file = keyFileOf(place);
  const hasTemplates = countTemplates(db) > 0;
  let key = readKey(file, logger);
  if (key === undefined) {
    if (hasTemplates) throw keyMissing(file);
    key = createKey(file);
    logger.warn({ file }, "new gallery key made: keep a copy elsewhere, the templates cannot be read without it");
  }
  const vault = new Vault(key);
  key.fill(0);
  bindKey(db, vault, { file, hasTemplates });
  return vault;
}

// --- internal ---

const count = z.object({ n: z.int() });

function countTemplates(db: Sqlite): number {
  return db.get(count, "SELECT count(*) AS n FROM template_vectors")?.n ?? 0;
}

function keyFileOf({ keyFile, credentialsDirectory, stateDirectory }: KeyPlace): string {
  if (keyFile !== undefined) return keyFile;
  const credential = credentialsDirectory === undefined ? undefined : join(credentialsDirectory, "gallery.key");
  return credential !== undefined && existsSync(credential) ? credential : join(stateDirectory, "gallery.key");
}

function keyMissing(file: string): LintelError {
  return new LintelError("LINTEL_E_KEY_MISSING", `people are enrolled, but their key ${file} is missing`, {
    hint: "put the key back from your copy; without it everybody must be enrolled anew in an empty stateDirectory",
  });
}

/** 32 bytes as they are, or as 64 hexadecimal digits. Undefined when there is no such file. */
function readKey(file: string, logger: Logger): Buffer | undefined {
  if (!existsSync(file)) return undefined;
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new LintelError("LINTEL_E_KEY_MISSING", `cannot read the gallery key ${file}: ${errorText(error)}`, {
      hint: "give the daemon's user the file, with mode 0600",
      cause: error,
    });
  }
  if ((statSync(file).mode & 0o007) !== 0) logger.warn({ file }, "gallery key is readable by everybody: chmod 600");
  if (bytes.length === keyBytes) return bytes;
  const text = bytes.toString("latin1").trim();
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, "hex");
  throw new LintelError("LINTEL_E_KEY_MISSING", `${file} holds no gallery key (${bytes.length} bytes)`, {
    hint: "a key is 32 bytes, or 64 hexadecimal digits; put the right file back",
  });
}

/** On the disk before anything is sealed with it. */
function createKey(file: string): Buffer {
  const key = randomBytes(keyBytes);
  try {
    writeDurably(openSync(file, "wx", 0o600), key);
    writeDurably(openSync(dirname(file), "r"), null);
  } catch (error) {
    throw new LintelError("LINTEL_E_STORAGE", `cannot write the gallery key ${file}: ${errorText(error)}`, {
      hint: "free disk space, or name a place the daemon's user may write as gallery.keyFile",
      cause: error,
    });
  }
  return key;
}

function writeDurably(descriptor: number, bytes: Buffer | null): void {
  try {
    if (bytes !== null) writeSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function bindKey(db: Sqlite, vault: Vault, { file, hasTemplates }: { file: string; hasTemplates: boolean }): void {
  const known = db.get(z.object({ value: z.string() }), "SELECT value FROM meta WHERE name = 'key-check'")?.value;
  if (known !== undefined && vault.fits(known)) return;
  if (known !== undefined && hasTemplates) {
    throw new LintelError("LINTEL_E_KEY_MISSING", `${file} is not the key that the people were enrolled with`, {
      hint: "put the right key back from your copy",
    });
  }
  db.run(
    "INSERT INTO meta (name, value) VALUES ('key-check', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [vault.keyCheck],
  );
}
