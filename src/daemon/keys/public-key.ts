import { createPublicKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";

/** The public half of a key that signs requests. */
export interface PublicKey {
  /** `kid`: the SHA-256 thumbprint of the key (RFC 7638), so that a name cannot be bound to another key. */
  readonly id: string;
  /** The 32 bytes of the Ed25519 point in base64url, `x` of the JWK (RFC 8037). */
  readonly x: string;
}

const jwkForm = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string() });
const maxTextLength = 4096;

/**
 * Reads a key as JWK or PEM; of a private key the public half is taken. Throws LINTEL_E_REQUEST for anything that is no
 * Ed25519 key.
 */
export async function readPublicKey(text: string): Promise<PublicKey> {
  const jwk = jwkForm.safeParse(keyObject(text)?.export({ format: "jwk" }));
  if (!jwk.success) {
    throw new LintelError("LINTEL_E_REQUEST", "this is not an Ed25519 key", {
      hint: "make one with lintel keys generate, or openssl genpkey -algorithm ed25519",
    });
  }
  const { kty, crv, x } = jwk.data;
  return { id: await calculateJwkThumbprint({ kty, crv, x }), x };
}

/** The key as the verifier takes it. */
export function verifyingKey(x: string): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

// --- internal ---

function keyObject(text: string): KeyObject | undefined {
  if (text.length > maxTextLength) return undefined;
  try {
    if (!text.trimStart().startsWith("{")) return createPublicKey(text);
    const { x } = jwkForm.parse(JSON.parse(text));
    return verifyingKey(x);
  } catch {
    return undefined;
  }
}
