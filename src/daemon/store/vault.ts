import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import type { EmbedderName } from "../../pipeline/types.ts";

/** A vector as it lies in the database. */
export interface SealedVector {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** What a vector belongs to; it is authenticated with it, so that a row moved to another person does not open. */
export interface VectorOwner {
  readonly personId: string;
  readonly templateId: number;
  readonly embedder: EmbedderName;
}

export const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;

/** Seals and opens vectors with AES-256-GCM (NIST SP 800-38D), a fresh 96-bit random IV each. */
export class Vault {
  readonly #vectorKey: Buffer;
  readonly #checkValue: Buffer;

  constructor(key: Uint8Array) {
    if (key.length !== keyBytes) throw new RangeError(`a gallery key has ${keyBytes} bytes, not ${key.length}`);
    this.#vectorKey = derive(key, "lintel template vectors");
    this.#checkValue = derive(key, "lintel key check");
  }

  /** Says whether a database was written with this key, and nothing about the key. Hexadecimal. */
  get keyCheck(): string {
    return this.#checkValue.toString("hex");
  }

  fits(keyCheck: string): boolean {
    const other = Buffer.from(keyCheck, "hex");
    return other.length === this.#checkValue.length && timingSafeEqual(other, this.#checkValue);
  }

  seal(vector: Float32Array, owner: VectorOwner): SealedVector {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#vectorKey, iv, { authTagLength: tagBytes });
    cipher.setAAD(associatedData(owner));
    const plain = littleEndian(vector);
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    plain.fill(0);
    return { iv, ciphertext, tag: cipher.getAuthTag() };
  }

  /** Null when the bytes were altered, belong to another owner, or were sealed with another key. */
  open(sealed: SealedVector, owner: VectorOwner): Float32Array | null {
    if (sealed.iv.length !== ivBytes || sealed.tag.length !== tagBytes || sealed.ciphertext.length % 4 !== 0)
      return null;
    const decipher = createDecipheriv("aes-256-gcm", this.#vectorKey, sealed.iv, { authTagLength: tagBytes });
    decipher.setAAD(associatedData(owner));
    decipher.setAuthTag(sealed.tag);
    try {
      const plain = Buffer.concat([decipher.update(sealed.ciphertext), decipher.final()]);
      const vector = new Float32Array(plain.length / 4);
      for (let i = 0; i < vector.length; i++) vector[i] = plain.readFloatLE(i * 4);
      plain.fill(0);
      return vector;
    } catch {
      return null;
    }
  }
}

// --- internal ---

/** HKDF (RFC 5869) with SHA-256: one key a purpose. */
function derive(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), purpose, keyBytes));
}

/** Unambiguous: ids and names of embedders hold no line break. */
function associatedData({ personId, templateId, embedder }: VectorOwner): Buffer {
  return Buffer.from(`lintel-vector-1\n${personId}\n${templateId}\n${embedder}`, "utf8");
}

function littleEndian(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, i * 4);
  return bytes;
}
