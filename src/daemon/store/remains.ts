import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a search looked through, and what it found. */
export interface Search {
  readonly files: number;
  readonly bytes: number;
  /** Files that hold at least one piece of what was looked for; empty: nothing is left. */
  readonly remains: readonly string[];
}

/** Pieces of this many bytes are looked for, so that any 31 bytes in a row of a secret are found. */
const pieceBytes = 16;
const chunkBytes = 4 * 1024 * 1024;

/**
 * Looks for pieces of `secrets` in every regular file below a directory, byte by byte. Secrets shorter than 16 bytes are
 * not looked for: they would be found by chance. Between chunks of 4 MiB others get their turn. Files that vanish
 * meanwhile are left out; `leaveOut` names entries at the top of the directory that are not entered.
 */
export async function searchRemains(
  directory: string,
  secrets: readonly Uint8Array[],
  leaveOut: readonly string[] = [],
): Promise<Search> {
  const pieces = new Pieces(secrets);
  const remains: string[] = [];
  let files = 0;
  let bytes = 0;
  for (const name of await filesBelow(directory, leaveOut)) {
    const found = await searchFile(join(directory, name), pieces);
    if (found === null) continue;
    files += 1;
    bytes += found.bytes;
    if (found.isFound) remains.push(name);
  }
  return { files, bytes, remains };
}

// --- internal ---

/** An index of pieces: by their first two bytes in a table, then by the first four, then whole. */
class Pieces {
  readonly #starts = new Uint8Array(65536);
  readonly #byHead = new Map<number, Buffer[]>();

  constructor(secrets: readonly Uint8Array[]) {
    for (const secret of secrets) {
      const bytes = Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength);
      for (let at = 0; at + pieceBytes <= bytes.length; at += pieceBytes)
        this.#add(bytes.subarray(at, at + pieceBytes));
    }
  }

  areIn(bytes: Buffer): boolean {
    const last = bytes.length - pieceBytes;
    for (let at = 0; at <= last; at++) {
      if (this.#starts[bytes[at]! | (bytes[at + 1]! << 8)] === 0) continue;
      const candidates = this.#byHead.get(bytes.readUInt32LE(at));
      if (candidates?.some((piece) => piece.equals(bytes.subarray(at, at + pieceBytes)))) return true;
    }
    return false;
  }

  #add(piece: Buffer): void {
    // A run of one and the same byte is in every file.
    if (piece.every((byte) => byte === piece[0])) return;
    const head = piece.readUInt32LE(0);
    this.#starts[piece.readUInt16LE(0)] = 1;
    this.#byHead.set(head, [...(this.#byHead.get(head) ?? []), piece]);
  }
}

async function filesBelow(directory: string, leaveOut: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (leaveOut.includes(entry.name)) continue;
    if (entry.isFile()) names.push(entry.name);
    if (!entry.isDirectory()) continue;
    const below = await filesBelow(join(directory, entry.name), []).catch(ifGone([]));
    names.push(...below.map((name) => join(entry.name, name)));
  }
  return names;
}

/** Null when the file is gone. */
async function searchFile(file: string, pieces: Pieces): Promise<{ bytes: number; isFound: boolean } | null> {
  const handle = await open(file, "r").catch(ifGone(null));
  if (handle === null) return null;
  try {
    const buffer = Buffer.alloc(chunkBytes);
    let kept = 0;
    let bytes = 0;
    let isFound = false;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, kept, buffer.length - kept, null);
      if (bytesRead === 0) return { bytes, isFound };
      bytes += bytesRead;
      const filled = buffer.subarray(0, kept + bytesRead);
      isFound ||= pieces.areIn(filled);
      // The end is looked at again with what follows it: a piece may lie across the border.
      kept = Math.min(filled.length, pieceBytes - 1);
      filled.copy(buffer, 0, filled.length - kept);
    }
  } finally {
    await handle.close();
  }
}

function ifGone<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return value;
    throw error;
  };
}
