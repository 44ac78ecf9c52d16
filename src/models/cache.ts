import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorText } from "../core/errors.ts";
import { isAbsent, writeWholeFile } from "./whole-file.ts";

/** What lies in the cache under a key. */
export type Cached =
  | { readonly kind: "found"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly file: string; readonly reason: string };

const digestLength = 32;
const extension = ".model";

/**
 * Compiled models as files, one for each key: the SHA-256 of the model (32 bytes), then the model. A file appears whole or
 * not at all, and is checked whenever it is read.
 */
export class CompiledCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(key: string): Promise<Cached> {
    const file = this.#file(key);
    let content: Buffer;
    try {
      content = await readFile(file);
    } catch (error) {
      if (isAbsent(error)) return { kind: "absent" };
      return { kind: "damaged", file, reason: errorText(error) };
    }
    const bytes = content.subarray(digestLength);
    if (bytes.byteLength === 0) return { kind: "damaged", file, reason: "too short" };
    if (!digest(bytes).equals(content.subarray(0, digestLength))) {
      return { kind: "damaged", file, reason: "wrong checksum" };
    }
    return { kind: "found", bytes };
  }

  /**
   * Writes under a temporary name and renames, then removes other models whose key starts with `prefix`: they are of an
   * older version. Throws what the file system throws.
   */
  async write(key: string, bytes: Uint8Array, prefix: string): Promise<void> {
    await writeWholeFile(this.#file(key), [digest(bytes), bytes]);
    await this.#removeOthers(key, prefix);
  }

  async #removeOthers(key: string, prefix: string): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!name.startsWith(prefix) || !name.endsWith(extension) || name === `${key}${extension}`) continue;
      await rm(join(this.#directory, name), { force: true });
    }
  }

  #file(key: string): string {
    return join(this.#directory, `${key}${extension}`);
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
