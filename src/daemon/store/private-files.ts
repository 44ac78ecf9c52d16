import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";

/** Makes the state directory if needed and closes it to everybody but its owner (0700). */
export function makeStateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if ((statSync(directory).mode & 0o077) !== 0) chmodSync(directory, 0o700);
  } catch (error) {
    throw new LintelError("LINTEL_E_STORAGE", `cannot use the state directory ${directory}: ${errorText(error)}`, {
      hint: "name a directory that the daemon's user may write, as stateDirectory",
      cause: error,
    });
  }
}

/** Creates an empty file that only its owner may read; leaves one that is there as it is. */
export function createPrivateFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    throw new LintelError("LINTEL_E_STORAGE", `cannot create ${file}: ${errorText(error)}`, {
      hint: "free disk space, or give the daemon's user the state directory",
      cause: error,
    });
  }
}

/** Narrows a file that others may read to its owner. True when there was something to narrow. */
export function makePrivate(file: string): boolean {
  if ((statSync(file).mode & 0o077) === 0) return false;
  chmodSync(file, 0o600);
  return true;
}

/** Writes a new secret (0600) and returns when it is on the disk under its name; refuses to replace one. */
export function writeSecretFile(file: string, secret: Uint8Array): void {
  try {
    durably(openSync(file, "wx", 0o600), (descriptor) => void writeSync(descriptor, secret));
    durably(openSync(dirname(file), "r"), () => {});
  } catch (error) {
    throw new LintelError("LINTEL_E_STORAGE", `cannot write ${file}: ${errorText(error)}`, {
      hint: "free disk space, or give the daemon's user the directory",
      cause: error,
    });
  }
}

function durably(descriptor: number, write: (descriptor: number) => void): void {
  try {
    write(descriptor);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
