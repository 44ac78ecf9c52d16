import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { CompactSign, GeneralEncrypt } from "jose";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import { doorId, publicPoint, type RosterDoor, rosterDoor, siteSecrets } from "./documents.ts";
import type { JoinRequest } from "./door-keys.ts";
import { sealingKey } from "./roster.ts";

/** The other side of the roster: the file of a site's owner, who says which doors belong to it. Never on a door. */

export const siteFile = z.strictObject({
  format: z.literal("lintel-fleet-owner-1"),
  site: doorId,
  /** Of the roster made last. */
  version: z.int().min(0),
  key: z.strictObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: publicPoint, d: publicPoint }),
  secrets: siteSecrets,
  doors: z.array(rosterDoor).max(1000),
});
export type SiteFile = z.infer<typeof siteFile>;

/** Keys that records may still be sealed with; older ones are forgotten. */
const keptKeys = 4;

export function newSite(site: string): SiteFile {
  const key = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return siteFile.parse({
    ...{ format: "lintel-fleet-owner-1", site, version: 0, key, doors: [] },
    secrets: { topicKey: secret(), keys: [newKey()] },
  });
}

/** Takes doors in; one whose keys have changed replaces its earlier self. */
export function admit(file: SiteFile, joining: readonly JoinRequest[], { writes }: { writes: boolean }): SiteFile {
  const admitted = joining.map(({ id, sign, seal }): RosterDoor => ({ id, sign, seal, writes }));
  const others = file.doors.filter(({ id }) => !admitted.some((door) => door.id === id));
  return { ...file, doors: [...others, ...admitted].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** Puts a door out, and makes a new key that it never gets. Throws `LINTEL_E_NOT_FOUND`. */
export function revoke(file: SiteFile, door: string): SiteFile {
  if (!file.doors.some(({ id }) => id === door)) {
    const known = file.doors.map(({ id }) => id).join(", ") || "none yet";
    throw new LintelError("LINTEL_E_NOT_FOUND", `${door} is no door of ${file.site}`, { hint: `its doors: ${known}` });
  }
  const { topicKey, keys } = file.secrets;
  return {
    ...file,
    secrets: { topicKey, keys: [newKey(), ...keys].slice(0, keptKeys) },
    doors: file.doors.filter(({ id }) => id !== door),
  };
}

/** Signs the next roster. The file it gives back must be kept before the roster is let out. */
export async function makeRoster(file: SiteFile): Promise<{ file: SiteFile; roster: string }> {
  const next = { ...file, version: file.version + 1 };
  const document = {
    format: "lintel-fleet-roster-1",
    site: next.site,
    version: next.version,
    doors: next.doors,
    secrets: await sealedSecrets(next),
  };
  const roster = await new CompactSign(Buffer.from(JSON.stringify(document), "utf8"))
    .setProtectedHeader({ alg: "EdDSA" })
    .sign(createPrivateKey({ key: next.key, format: "jwk" }));
  return { file: next, roster };
}

// --- internal ---

async function sealedSecrets({ doors, secrets }: SiteFile) {
  if (doors.length === 0) {
    throw new LintelError("LINTEL_E_REQUEST", "a site without doors has no roster", { hint: "admit a door first" });
  }
  const sealing = new GeneralEncrypt(Buffer.from(JSON.stringify(secrets), "utf8")).setProtectedHeader({
    enc: "A256GCM",
  });
  for (const { id, seal } of doors) {
    sealing.addRecipient(sealingKey(seal)).setUnprotectedHeader({ alg: "ECDH-ES+A256KW", kid: id });
  }
  return sealing.encrypt();
}

function newKey(): { id: string; key: string } {
  return { id: randomBytes(8).toString("hex"), key: secret() };
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}
