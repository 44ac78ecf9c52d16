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
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const remains: string[] = [];
  let files = 0;
  let bytes = 0;
  for (const name of await filesBelow(directory, leaveOut)) {
    const found = await searchFile(join(directory, name), pieces, buffer);
    if (found === null) continue;
    files += 1;
    bytes += found.bytes;
    if (found.isFound) remains.push(name);
  }
  return { files, bytes, remains };
}

// --- internal ---

/** So many bytes are looked at, at every `strideBytes`: wherever a piece lies, one such place is within it. */
const gramBytes = 4;
const strideBytes = pieceBytes - gramBytes + 1;
const tableBits = 18;

/**
 * Finds pieces without looking at every byte: at each stride four bytes are looked up among all that the pieces hold, and only
 * where they occur the whole piece is compared (after Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
 */
class Pieces {
  readonly #table = new Uint8Array(1 << tableBits);
  readonly #byGram = new Map<number, { readonly piece: Buffer; readonly offset: number }[]>();

  constructor(secrets: readonly Uint8Array[]) {
    for (const secret of secrets) {
      const bytes = Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength);
      for (let at = 0; at + pieceBytes <= bytes.length; at += pieceBytes)
        this.#add(bytes.subarray(at, at + pieceBytes));
    }
  }

  areIn(bytes: Buffer): boolean {
    const last = bytes.length - gramBytes;
    for (let at = 0; at <= last; at += strideBytes) {
      const gram = bytes.readUInt32LE(at);
      if (this.#table[slotOf(gram)] === 1 && this.#isAt(bytes, at, gram)) return true;
    }
    return false;
  }

  #isAt(bytes: Buffer, at: number, gram: number): boolean {
    const candidates = this.#byGram.get(gram) ?? [];
    return candidates.some(({ piece, offset }) => {
      const from = at - offset;
      return from >= 0 && piece.equals(bytes.subarray(from, from + pieceBytes));
    });
  }

  #add(piece: Buffer): void {
    // A run of one and the same byte is in every file.
    if (piece.every((byte) => byte === piece[0])) return;
    for (let offset = 0; offset < strideBytes; offset++) {
      const gram = piece.readUInt32LE(offset);
      this.#table[slotOf(gram)] = 1;
      this.#byGram.set(gram, [...(this.#byGram.get(gram) ?? []), { piece, offset }]);
    }
  }
}

/** Multiplicative hashing: the upper bits are the well mixed ones. */
function slotOf(gram: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> (32 - tableBits);
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
async function searchFile(
  file: string,
  pieces: Pieces,
  buffer: Buffer,
): Promise<{ bytes: number; isFound: boolean } | null> {
  const handle = await open(file, "r").catch(ifGone(null));
  if (handle === null) return null;
  try {
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
