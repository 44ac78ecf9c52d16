import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { keyBytes } from "./vault.ts";

export interface KeyPlace {
  readonly stateDirectory: string;
  /** `gallery.keyFile` of the configuration. */
  readonly keyFile: string | undefined;
  /** `$CREDENTIALS_DIRECTORY` of systemd. */
  readonly credentialsDirectory: string | undefined;
}

/** Where the key lies: the configured file, else the credential `gallery.key`, else the state directory. */
export function keyFileOf({ keyFile, credentialsDirectory, stateDirectory }: KeyPlace): {
  readonly file: string;
  /** Given by systemd: read-only, and kept by the operator elsewhere. */
  readonly isCredential: boolean;
} {
  if (keyFile !== undefined) return { file: keyFile, isCredential: false };
  const credential = credentialsDirectory === undefined ? undefined : join(credentialsDirectory, "gallery.key");
  if (credential !== undefined && existsSync(credential)) return { file: credential, isCredential: true };
  return { file: join(stateDirectory, "gallery.key"), isCredential: false };
}

/** 32 bytes as they are, or as 64 hexadecimal digits. Undefined when there is no such file. */
export function readKey(file: string, logger: Logger): Buffer | undefined {
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
  const key = keyIn(bytes);
  if (key) return key;
  throw new LintelError("LINTEL_E_KEY_MISSING", `${file} holds no gallery key (${bytes.length} bytes)`, {
    hint: "a key is 32 bytes, or 64 hexadecimal digits; put the right file back",
  });
}

/** The key that a file's bytes are; undefined when they are none. */
export function keyIn(bytes: Buffer): Buffer | undefined {
  if (bytes.length === keyBytes) return bytes;
  const text = bytes.toString("latin1").trim();
  return /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, "hex") : undefined;
}

/** Overwrites a key file in place before it is deleted, each step on the disk before the next. */
export function destroyKeyFile(file: string): void {
  chmodSync(file, 0o600);
  const length = statSync(file).size;
  const descriptor = openSync(file, "r+");
  try {
    writeSync(descriptor, randomBytes(length), 0, length, 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  unlinkSync(file);
  syncDirectoryOf(file);
}

/** Names made, changed and deleted in a file's directory are on the disk when it returns. */
export function syncDirectoryOf(file: string): void {
  const descriptor = openSync(dirname(file), "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
