import { createHash, createSecretKey, type KeyObject } from "node:crypto";
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, decodeProtectedHeader } from "jose";
import { z } from "zod";

/**
 * The form of everything a door retains: a compact JWS (RFC 7515, EdDSA over Ed25519) inside a compact JWE (RFC 7516, dir
 * with A256GCM). Signed first, so that the broker does not even learn which door wrote it.
 */

/** A key of the site's records; the id stands in the clear beside what it sealed. */
export interface SiteKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** What is needed to read: the site's keys by id, and the doors by name. */
export interface Readers {
  siteKey(id: string): KeyObject | undefined;
  doorKey(id: string): KeyObject | undefined;
}

export interface Opened {
  /** The door that signed it. */
  readonly door: string;
  /** What was signed, to be validated yet. */
  readonly document: unknown;
  /** SHA-256 of what was signed, base64url. */
  readonly digest: string;
  readonly jws: string;
}

export type EnvelopeRefusal = "malformed" | "unknown-key" | "not-sealed-for-us" | "unknown-door" | "bad-signature";
export type OpenVerdict = ({ readonly ok: true } & Opened) | { readonly ok: false; readonly reason: EnvelopeRefusal };

const sealedHeader = z.strictObject({ alg: z.literal("dir"), enc: z.literal("A256GCM"), kid: z.string().max(64) });
const signedHeader = z.strictObject({ alg: z.literal("EdDSA"), kid: z.string().min(1).max(64) });

export function siteKeyOf({ id, key }: { id: string; key: string }): SiteKey {
  return { id, key: createSecretKey(Buffer.from(key, "base64url")) };
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}

/** Signs a text as this door. */
export function signText(text: string, { door, privateKey }: { door: string; privateKey: KeyObject }): Promise<string> {
  return new CompactSign(Buffer.from(text, "utf8")).setProtectedHeader({ alg: "EdDSA", kid: door }).sign(privateKey);
}

export function sealJws(jws: string, { id, key }: SiteKey): Promise<string> {
  return new CompactEncrypt(Buffer.from(jws, "latin1"))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: id })
    .encrypt(key);
}

/** Opens, then verifies. Nothing inside is looked at before its signature fits. */
export async function openSealed(payload: Uint8Array, readers: Readers): Promise<OpenVerdict> {
  const sealed = compactText(payload, 5);
  const head = sealed === null ? null : headerOf(sealed, sealedHeader);
  if (sealed === null || head === null) return refuse("malformed");
  const key = readers.siteKey(head.kid);
  if (!key) return refuse("unknown-key");
  let jws: string;
  try {
    jws = Buffer.from((await compactDecrypt(sealed, key)).plaintext).toString("latin1");
  } catch {
    return refuse("not-sealed-for-us");
  }
  return verifyJws(jws, readers);
}

export async function verifyJws(jws: string, { doorKey }: Pick<Readers, "doorKey">): Promise<OpenVerdict> {
  const head = headerOf(jws, signedHeader);
  if (head === null) return refuse("malformed");
  const key = doorKey(head.kid);
  if (!key) return refuse("unknown-door");
  try {
    const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA"] });
    const document: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return { ok: true, door: head.kid, document, digest: digestOf(payload), jws };
  } catch {
    return refuse("bad-signature");
  }
}

/** The signature without what it covers (RFC 7515, appendix F): what it covers is kept elsewhere, sealed. */
export function detach(jws: string): string {
  const [header = "", , signature = ""] = jws.split(".");
  return `${header}..${signature}`;
}

/** The whole JWS again. */
export function attach(detached: string, text: string): string {
  const [header = "", , signature = ""] = detached.split(".");
  return `${header}.${Buffer.from(text, "utf8").toString("base64url")}.${signature}`;
}

// --- internal ---

function refuse(reason: EnvelopeRefusal): OpenVerdict {
  return { ok: false, reason };
}

function compactText(payload: Uint8Array, parts: number): string | null {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1");
  return text.split(".").length === parts ? text : null;
}

function headerOf<T extends z.ZodType>(compact: string, schema: T): z.output<T> | null {
  try {
    return schema.safeParse(decodeProtectedHeader(compact)).data ?? null;
  } catch {
    return null;
  }
}
