import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { CompactSign, calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";

/** The other side of `SignedRequests`: makes keys and signs requests. Never used by the daemon itself. */

export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
}

export interface RequestToSign {
  readonly door: string;
  readonly request: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly transaction?: string | number;
  readonly issuedAtMs: number;
  /** Absent: a random one. */
  readonly jti?: string;
}

const publicJwk = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string() });

/** A new Ed25519 key: `privateText` and `publicText` are JWKs (RFC 8037), one line each. */
export async function generateKey(): Promise<{ id: string; privateText: string; publicText: string }> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const jwk = publicJwk.parse(publicKey.export({ format: "jwk" }));
  const id = await calculateJwkThumbprint(jwk);
  const common = { kid: id, alg: "EdDSA", use: "sig" };
  return {
    id,
    privateText: JSON.stringify({ ...privateKey.export({ format: "jwk" }), ...common }),
    publicText: JSON.stringify({ ...jwk, ...common }),
  };
}

/** Reads a private key, JWK or PEM. Throws LINTEL_E_UNREADABLE when it is none for EdDSA; the text is never repeated. */
export async function readSigningKey(text: string): Promise<SigningKey> {
  try {
    const isJwk = text.trimStart().startsWith("{");
    const privateKey = isJwk ? createPrivateKey({ key: JSON.parse(text), format: "jwk" }) : createPrivateKey(text);
    const jwk = publicJwk.parse(privateKey.export({ format: "jwk" }));
    return { id: await calculateJwkThumbprint(jwk), privateKey };
  } catch {
    throw new LintelError("LINTEL_E_UNREADABLE", "the file holds no Ed25519 private key", {
      hint: "make one with lintel keys generate",
    });
  }
}

/** The compact JWS to publish on `lintel/<door>/request/<request>`. */
export function signRequest(key: SigningKey, wanted: RequestToSign): Promise<string> {
  const { door, request, data = {}, transaction, issuedAtMs, jti = randomUUID() } = wanted;
  const claims = {
    iat: issuedAtMs / 1000,
    jti,
    door,
    request,
    data,
    ...(transaction === undefined ? {} : { transaction }),
  };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "EdDSA", kid: key.id })
    .sign(key.privateKey);
}
