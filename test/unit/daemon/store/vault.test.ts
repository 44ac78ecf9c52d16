import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type SealedVector, Vault, type VectorOwner } from "../../../../src/daemon/store/vault.ts";
import { personVector } from "../../../support/face-vectors.ts";

const key = randomBytes(32);
const vault = new Vault(key);
const owner: VectorOwner = { personId: "dana", templateId: 7, embedder: "dlib" };
const vector = personVector(1);

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));
}

describe("a sealed vector", () => {
  const sealed = vault.seal(vector, owner);

  test("opens to the same numbers, bit for bit", () => {
    expect(vault.open(sealed, owner)).toEqual(vector);
  });

  test.each<[string, SealedVector]>([
    ["the first byte of the ciphertext", { ...sealed, ciphertext: flipped(sealed.ciphertext, 0) }],
    ["the last byte of the ciphertext", { ...sealed, ciphertext: flipped(sealed.ciphertext, 511) }],
    ["the tag", { ...sealed, tag: flipped(sealed.tag, 3) }],
    ["the IV", { ...sealed, iv: flipped(sealed.iv, 11) }],
    ["a tag cut short", { ...sealed, tag: sealed.tag.subarray(0, 4) }],
    ["a ciphertext cut short", { ...sealed, ciphertext: sealed.ciphertext.subarray(0, 256) }],
    ["a torn ciphertext", { ...sealed, ciphertext: sealed.ciphertext.subarray(0, 511) }],
    ["everything empty", { iv: new Uint8Array(0), ciphertext: new Uint8Array(0), tag: new Uint8Array(0) }],
  ])("does not open when changed: %s", (_name, changed) => {
    expect(vault.open(changed, owner)).toBeNull();
  });

  test.each<[string, VectorOwner]>([
    ["another person", { ...owner, personId: "eve" }],
    ["another template", { ...owner, templateId: 8 }],
    ["another embedder", { ...owner, embedder: "faceres" }],
  ])("does not open for %s", (_name, other) => {
    expect(vault.open(sealed, other)).toBeNull();
  });

  test("does not open with another key", () => {
    expect(new Vault(randomBytes(32)).open(sealed, owner)).toBeNull();
  });

  test("is different each time, so that equal templates cannot be seen", () => {
    const again = vault.seal(vector, owner);
    expect(Buffer.compare(again.iv, sealed.iv)).not.toBe(0);
    expect(Buffer.compare(again.ciphertext, sealed.ciphertext)).not.toBe(0);
  });
});

test("the key check fits its key only and does not hold it", () => {
  expect(vault.fits(new Vault(key).keyCheck)).toBe(true);
  expect(vault.fits(new Vault(randomBytes(32)).keyCheck)).toBe(false);
  expect(vault.fits("")).toBe(false);
  expect(vault.keyCheck).not.toContain(key.toString("hex"));
});

test.each([0, 16, 31, 33])("a key of %d bytes is refused", (length) => {
  expect(() => new Vault(new Uint8Array(length))).toThrow(RangeError);
});
