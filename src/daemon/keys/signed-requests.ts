import { compactVerify, decodeProtectedHeader } from "jose";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { RequestKey } from "../api.ts";
import { oneLine } from "../requests/handler.ts";
import { checkTransaction } from "../requests/payload.ts";
import type { KeyRing } from "./key-ring.ts";

/** A request may be this old when it arrives; its clock may be this far ahead of ours. */
export const maxAgeMs = 30_000;
export const maxAheadMs = 5_000;

/** Why a signed request is refused: stable words, and the sentence of the answer. */
const refusalText = {
  unsigned: "requests must be signed here",
  malformed: "this is no signed request",
  "too-large": "the request is too large",
  algorithm: "only EdDSA (Ed25519) counts",
  "unknown-key": "nobody here knows this key",
  "bad-signature": "the signature does not fit",
  "clock-unset": "the door does not know the time and takes no signed request until it does",
  "wrong-door": "it was signed for another door",
  "wrong-request": "it was signed for another request",
  old: "it was signed too long ago",
  future: "it was signed in the future",
  replayed: "it was received before",
  busy: "too many requests are waiting",
} as const;
export type SignedRefusal = keyof typeof refusalText;

export type SignedVerdict =
  | {
      readonly ok: true;
      readonly key: RequestKey;
      readonly data: Readonly<Record<string, unknown>>;
      readonly transaction: string | number | undefined;
      /** Bytes of the signed document. */
      readonly sizeBytes: number;
    }
  | { readonly ok: false; readonly reason: SignedRefusal; readonly text: string; readonly key: RequestKey | undefined };

export interface SignedRequestsOptions {
  readonly doorId: string;
  readonly keys: Pick<KeyRing, "find" | "replay">;
  readonly clock: Clock;
  isClockTrusted(): boolean;
}

/** Exactly these: whatever else a header may hold (jwk, jku, x5c, crit, b64) is not for strangers to choose. */
const header = z.strictObject({
  alg: z.string(),
  kid: z.string().min(1).max(64),
  typ: z.enum(["JWT", "JOSE"]).optional(),
});

const claims = z.strictObject({
  /** Seconds since 1970, fractions allowed (RFC 7519, NumericDate). */
  iat: z.number().positive().max(1e11),
  jti: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
  door: z.string().max(64),
  request: z.string().max(300),
  data: z.record(z.string(), z.unknown()).default({}),
  transaction: z.unknown().optional(),
});

const maxWaiting = 256;
const maxWaitingBytes = 24 * 1024 * 1024;

/**
 * Opens signed requests: compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037). One after the other, so that what
 * was sent first is carried out first; what waits is bounded. Nothing inside is read before its signature fits.
 */
export class SignedRequests {
  readonly #options: SignedRequestsOptions;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #waitingBytes = 0;

  constructor(options: SignedRequestsOptions) {
    this.#options = options;
  }

  /** Judges what arrived as request `name`, at most `maxBytes` of data. Never rejects but for a fault of the disk. */
  open(name: string, payload: Uint8Array, maxBytes: number): Promise<SignedVerdict> {
    // Base64url makes four characters of three bytes; header, claims and signature come on top.
    if (payload.length > Math.ceil((maxBytes * 4) / 3) + 2048) return Promise.resolve(refuse("too-large"));
    if (this.#waiting >= maxWaiting || this.#waitingBytes + payload.length > maxWaitingBytes) {
      return Promise.resolve(refuse("busy"));
    }
    this.#waiting += 1;
    this.#waitingBytes += payload.length;
    const verdict = this.#last
      .then(() => this.#judge(name, payload))
      .finally(() => {
        this.#waiting -= 1;
        this.#waitingBytes -= payload.length;
      });
    this.#last = verdict.catch(() => undefined);
    return verdict;
  }

  // --- internal ---

  async #judge(name: string, payload: Uint8Array): Promise<SignedVerdict> {
    const jws = compactForm(payload);
    if (jws === undefined) return refuse("unsigned");
    const { success, data: head } = header.safeParse(headerOf(jws));
    if (!success) return refuse("malformed");
    if (head.alg !== "EdDSA") return refuse("algorithm");
    const held = this.#options.keys.find(head.kid);
    if (!held) return refuse("unknown-key");
    if (!this.#options.isClockTrusted()) return refuse("clock-unset");
    let signed: Uint8Array;
    try {
      signed = (await compactVerify(jws, held.verify, { algorithms: ["EdDSA"] })).payload;
    } catch {
      return refuse("bad-signature");
    }
    // While the signature was checked the key may have been taken away.
    if (this.#options.keys.find(head.kid) !== held) return refuse("unknown-key");
    return this.#judgeClaims(name, signed, held.key);
  }

  #judgeClaims(name: string, signed: Uint8Array, key: RequestKey): SignedVerdict {
    const parsed = claims.safeParse(documentOf(signed));
    const transaction = parsed.success ? transactionOf(parsed.data.transaction) : null;
    if (!parsed.success || transaction === null) return refuse("malformed", key);
    const { iat, jti, door, request, data } = parsed.data;
    if (door !== this.#options.doorId) return refuse("wrong-door", key);
    if (request !== name) return refuse("wrong-request", key);
    const nowMs = this.#options.clock.date().getTime();
    const issuedAtMs = iat * 1000;
    if (issuedAtMs > nowMs + maxAheadMs) return refuse("future", key);
    if (issuedAtMs < nowMs - maxAgeMs) return refuse("old", key);
    const taken = this.#options.keys.replay.take({ keyId: key.id, jti, issuedAtMs }, nowMs - maxAgeMs);
    if (taken !== "taken") return refuse(taken, key);
    return { ok: true, key, data, transaction, sizeBytes: signed.length };
  }
}

// --- internal ---

function refuse(reason: SignedRefusal, key?: RequestKey): SignedVerdict {
  return { ok: false, reason, text: `${reason}: ${refusalText[reason]}`, key };
}

/** The text when it has the form of a compact JWS; a line end behind it is forgiven, for the shell's sake. */
function compactForm(payload: Uint8Array): string | undefined {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1").trimEnd();
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/.test(text) ? text : undefined;
}

function headerOf(jws: string): unknown {
  try {
    return decodeProtectedHeader(jws);
  } catch {
    return undefined;
  }
}

function documentOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Null for one that cannot be sent back. */
function transactionOf(value: unknown): string | number | undefined | null {
  try {
    return checkTransaction(value);
  } catch {
    return null;
  }
}

/** The name of a key in records. */
export function originName(key: RequestKey | undefined): string {
  return key === undefined ? "mqtt" : oneLine(`key:${key.name}`, 80);
}
