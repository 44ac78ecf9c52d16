import { createPublicKey, type KeyObject } from "node:crypto";
import { compactVerify, decodeProtectedHeader, flattenedDecrypt } from "jose";
import type { z } from "zod";
import { verifyingKey } from "../keys/public-key.ts";
import { rosterDocument, type SiteSecrets, siteSecrets } from "./documents.ts";
import type { DoorKeys } from "./door-keys.ts";
import { type Readers, type SiteKey, siteKeyOf } from "./envelope.ts";

/** The roster as this door may use it. */
export interface Roster extends Readers {
  readonly version: number;
  readonly doors: readonly string[];
  /** Whether what this door signs changes who is known. */
  writes(door: string): boolean;
  /** What new records are sealed with. */
  readonly currentKey: SiteKey;
  readonly topicKey: Uint8Array;
}

/** What the roster says about us: `member` with what members get, or that we are none (any more). */
export type RosterVerdict =
  | { readonly ok: true; readonly version: number; readonly member: Roster | null }
  | { readonly ok: false; readonly reason: "malformed" | "bad-signature" | "wrong-site" | "secrets-unreadable" };

/** Reads a roster (compact JWS) with the owner's public key and the keys of this door. */
export async function openRoster(
  jws: string,
  { site, owner, door, keys }: { site: string; owner: string; door: string; keys: DoorKeys },
): Promise<RosterVerdict> {
  let payload: Uint8Array;
  try {
    if (decodeProtectedHeader(jws).alg !== "EdDSA") return { ok: false, reason: "malformed" };
    payload = (await compactVerify(jws, verifyingKey(owner), { algorithms: ["EdDSA"] })).payload;
  } catch {
    return { ok: false, reason: "bad-signature" };
  }
  const { success, data: roster } = rosterDocument.safeParse(jsonOf(payload));
  if (!success) return { ok: false, reason: "malformed" };
  if (roster.site !== site) return { ok: false, reason: "wrong-site" };
  const { version } = roster;
  const self = roster.doors.find(({ id }) => id === door);
  if (self === undefined || self.sign !== keys.publicPart.sign) return { ok: true, version, member: null };
  const secrets = await openSecrets(roster.secrets, door, keys.sealKey);
  if (secrets === null) return { ok: false, reason: "secrets-unreadable" };
  return { ok: true, version, member: memberRoster(roster, secrets) };
}

/** The X25519 key of a door as the owner's file has it. */
export function sealingKey(x: string): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
}

// --- internal ---

type RosterDocument = z.output<typeof rosterDocument>;

function memberRoster({ version, doors }: RosterDocument, { topicKey, keys }: SiteSecrets): Roster {
  const doorKeys = new Map(doors.map(({ id, sign }) => [id, verifyingKey(sign)]));
  const writers = new Set(doors.filter(({ writes }) => writes).map(({ id }) => id));
  const siteKeys = keys.map(siteKeyOf);
  const byId = new Map(siteKeys.map(({ id, key }) => [id, key]));
  const [currentKey] = siteKeys;
  if (!currentKey) throw new Error("a site has a key");
  return {
    version,
    doors: doors.map(({ id }) => id),
    writes: (door) => writers.has(door),
    currentKey,
    topicKey: Buffer.from(topicKey, "base64url"),
    siteKey: (id) => byId.get(id),
    doorKey: (id) => doorKeys.get(id),
  };
}

async function openSecrets(
  { recipients, ...sealed }: RosterDocument["secrets"],
  door: string,
  key: KeyObject,
): Promise<SiteSecrets | null> {
  const ours = recipients.find(({ header }) => header.kid === door);
  if (!ours) return null;
  try {
    const { epk, ...header } = ours.header;
    const recipient = { encrypted_key: ours.encrypted_key, header: epk === undefined ? header : { ...header, epk } };
    const { plaintext } = await flattenedDecrypt({ ...sealed, ...recipient }, key, {
      keyManagementAlgorithms: ["ECDH-ES+A256KW"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    return siteSecrets.safeParse(jsonOf(plaintext)).data ?? null;
  } catch {
    return null;
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
