import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import { writeSecretFile } from "../store/private-files.ts";

/** The key that signs checkpoints: Ed25519 (RFC 8032). */
export interface AuditKey {
  /** 32 bytes, base64url: to be kept elsewhere by whoever wants to check the log later. */
  readonly publicKey: string;
  /** Hexadecimal. */
  sign(text: string): string;
}

export interface AuditKeyPlace {
  readonly stateDirectory: string;
  /** `$CREDENTIALS_DIRECTORY` of systemd. */
  readonly credentialsDirectory: string | undefined;
}

const fileName = "audit.key";
const seedBytes = 32;

/**
 * The key beside the gallery key: credential `audit.key`, else the file of that name in the state directory. It is a key
 * of its own, so that a new gallery key leaves old checkpoints as they are. Made (mode 0600) when there is none.
 */
export function openAuditKey(place: AuditKeyPlace, logger: Logger): AuditKey {
  const known = readAuditKey(place);
  if (known) return known;
  const file = join(place.stateDirectory, fileName);
  const seed = randomBytes(seedBytes);
  writeSecretFile(file, seed);
  const key = fromSeed(seed);
  logger.info({ file, publicKey: key.publicKey }, "new audit key made");
  return key;
}

/** The key, or undefined where none was made yet. Throws `LINTEL_E_KEY_MISSING` for a file that holds none. */
export function readAuditKey({ stateDirectory, credentialsDirectory }: AuditKeyPlace): AuditKey | undefined {
  const places = [credentialsDirectory, stateDirectory].flatMap((at) => (at === undefined ? [] : [join(at, fileName)]));
  const file = places.find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const seed = readSeed(file);
  if (seed.length === seedBytes) return fromSeed(seed);
  throw new LintelError("LINTEL_E_KEY_MISSING", `${file} holds no audit key (${seed.length} bytes)`, {
    hint: "put the right file back from your copy; a key is 32 bytes",
  });
}

/** Whether a text was signed with the key of that public half. False for anything that is no key or no signature. */
export function isSignedBy(publicKey: string, { text, signature }: { text: string; signature: string }): boolean {
  const raw = Buffer.from(publicKey, "base64url");
  if (raw.length !== seedBytes) return false;
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
    return verify(null, Buffer.from(text, "utf8"), key, Buffer.from(signature, "hex"));
  } catch {
    return false;
  }
}

// --- internal ---

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410). */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

function fromSeed(seed: Buffer): AuditKey {
  const der = Buffer.concat([pkcs8Head, seed]);
  const key: KeyObject = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  seed.fill(0);
  const { x } = createPublicKey(key).export({ format: "jwk" });
  if (x === undefined) throw new Error("an Ed25519 key has a public half");
  return { publicKey: x, sign: (text) => sign(null, Buffer.from(text, "utf8"), key).toString("hex") };
}

function readSeed(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new LintelError("LINTEL_E_KEY_MISSING", `cannot read the audit key ${file}: ${errorText(error)}`, {
      hint: "give the daemon's user the file, with mode 0600",
      cause: error,
    });
  }
}
