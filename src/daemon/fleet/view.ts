import { createHash } from "node:crypto";
import { compareStamps, type Stamp } from "./stamp.ts";

/**
 * The highest record seen of each person, by topic id, and the root hash over all of them: two doors with the same root
 * know the same. The hash has two layers (256 buckets by the first byte of the topic id), so that a change costs one bucket.
 */
export class FleetView {
  /** Every door that wrote something that was ever taken. */
  readonly authors = new Set<string>();
  readonly #stamps = new Map<string, Stamp>();
  readonly #buckets = new Map<string, { readonly ids: Set<string>; hash: Buffer | null }>();
  #removed = 0;
  #root: string | null = null;

  get size(): number {
    return this.#stamps.size;
  }

  /** How many of them are removals. */
  get removed(): number {
    return this.#removed;
  }

  get(id: string): Stamp | undefined {
    return this.#stamps.get(id);
  }

  entries(): IterableIterator<[string, Stamp]> {
    return this.#stamps.entries();
  }

  /** How a record stands to what is known of that person. */
  compare(id: string, stamp: Stamp): "newer" | "same" | "older" {
    const known = this.#stamps.get(id);
    const order = known === undefined ? 1 : compareStamps(stamp, known);
    return order > 0 ? "newer" : order === 0 ? "same" : "older";
  }

  /** Keeps it if it is newer. True when it was. */
  take(id: string, stamp: Stamp): boolean {
    if (this.compare(id, stamp) !== "newer") return false;
    const before = this.#stamps.get(id);
    this.#removed += Number(stamp.isRemoved) - Number(before?.isRemoved ?? false);
    this.#stamps.set(id, stamp);
    this.authors.add(stamp.door);
    const name = id.slice(0, 2);
    const bucket = this.#buckets.get(name) ?? { ids: new Set(), hash: null };
    bucket.ids.add(id);
    bucket.hash = null;
    this.#buckets.set(name, bucket);
    this.#root = null;
    return true;
  }

  /** SHA-256, hexadecimal. */
  get root(): string {
    if (this.#root !== null) return this.#root;
    const hash = createHash("sha256");
    for (const name of [...this.#buckets.keys()].sort()) hash.update(name).update(this.#bucketHash(name));
    this.#root = hash.digest("hex");
    return this.#root;
  }

  // --- internal ---

  #bucketHash(name: string): Buffer {
    const bucket = this.#buckets.get(name);
    if (!bucket) return Buffer.alloc(0);
    if (bucket.hash) return bucket.hash;
    const lines = [...bucket.ids].sort().map((id) => this.#line(id));
    bucket.hash = createHash("sha256").update(lines.join("\n")).digest();
    return bucket.hash;
  }

  #line(id: string): string {
    const { life, version, isRemoved, door, digest } = this.#stamps.get(id)!;
    return `${id} ${life} ${version} ${isRemoved ? "removed" : "present"} ${door} ${digest}`;
  }
}
