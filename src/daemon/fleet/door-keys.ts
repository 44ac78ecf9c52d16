import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorText, LintelError } from "../../core/errors.ts";
import { makeStateDirectory, writeSecretFile } from "../store/private-files.ts";
import { doorId, publicPoint, type RosterDoor } from "./documents.ts";

/** The keys of one door in its fleet: what it signs with, and what the site's secrets are sealed to. */
export interface DoorKeys {
  readonly signKey: KeyObject;
  readonly sealKey: KeyObject;
  readonly publicPart: Pick<RosterDoor, "sign" | "seal">;
}

export interface DoorKeyPlace {
  readonly stateDirectory: string;
  /** `fleet.keyFile` of the configuration. */
  readonly keyFile: string | undefined;
  /** `$CREDENTIALS_DIRECTORY` of systemd. */
  readonly credentialsDirectory: string | undefined;
}

const privateJwk = (curve: "Ed25519" | "X25519") =>
  z.strictObject({ kty: z.literal("OKP"), crv: z.literal(curve), x: publicPoint, d: publicPoint });
const keyFile = z.strictObject({
  format: z.literal("lintel-fleet-door-keys-1"),
  sign: privateJwk("Ed25519"),
  seal: privateJwk("X25519"),
});

/** What a door says of itself to the owner; nothing in it is secret. */
export const joinRequest = z.strictObject({
  format: z.literal("lintel-fleet-join-1"),
  id: doorId,
  sign: publicPoint,
  seal: publicPoint,
});
export type JoinRequest = z.infer<typeof joinRequest>;

/** Reads the door's keys, or makes them (mode 0600) where there are none. Throws `LINTEL_E_KEY_MISSING` for a file that holds none. */
export function openDoorKeys(place: DoorKeyPlace): DoorKeys & { readonly file: string; readonly isNew: boolean } {
  const file = fileOf(place);
  if (existsSync(file)) return { ...readDoorKeys(file), file, isNew: false };
  if (place.keyFile === undefined) makeStateDirectory(place.stateDirectory);
  const sign = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const seal = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" });
  const keys = keyFile.parse({ format: "lintel-fleet-door-keys-1", sign, seal });
  writeSecretFile(file, Buffer.from(`${JSON.stringify(keys)}\n`, "utf8"));
  return { ...keysOf(keys), file, isNew: true };
}

// --- internal ---

function fileOf({ keyFile: configured, credentialsDirectory, stateDirectory }: DoorKeyPlace): string {
  if (configured !== undefined) return configured;
  const credential = credentialsDirectory === undefined ? undefined : join(credentialsDirectory, "fleet.key");
  return credential !== undefined && existsSync(credential) ? credential : join(stateDirectory, "fleet.key");
}

function readDoorKeys(file: string): DoorKeys {
  try {
    return keysOf(keyFile.parse(JSON.parse(readFileSync(file, "utf8"))));
  } catch (error) {
    const why = error instanceof z.ZodError || error instanceof SyntaxError ? "it holds no keys" : errorText(error);
    throw new LintelError("LINTEL_E_KEY_MISSING", `cannot use the fleet keys in ${file}: ${why}`, {
      hint: "put the right file back, or remove it and let the owner admit this door anew (docs/fleet.md)",
    });
  }
}

function keysOf({ sign, seal }: z.output<typeof keyFile>): DoorKeys {
  const signKey = createPrivateKey({ key: sign, format: "jwk" });
  const sealKey = createPrivateKey({ key: seal, format: "jwk" });
  const publicOf = (key: KeyObject) => publicPoint.parse(createPublicKey(key).export({ format: "jwk" }).x);
  return { signKey, sealKey, publicPart: { sign: publicOf(signKey), seal: publicOf(sealKey) } };
}
