import { z } from "zod";
import { embedderNames } from "../../pipeline/types.ts";
import { packedVector } from "../../vision/protocol.ts";
import { maxTemplatesPerPerson } from "../people/photo-rules.ts";
import { maxCount } from "./stamp.ts";

/** What the doors of a site say to each other, inside its signature. Sizes are those of the sealed message. */

export const maxBytes = { person: 512 * 1024, door: 8 * 1024, roster: 512 * 1024 } as const;

export const doorId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const site = doorId;
const count = z.int().min(1).max(maxCount);
const time = z.iso.datetime();
/** Ed25519 or X25519 public key, base64url. */
export const publicPoint = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const number = z.number();
const template = z.strictObject({
  createdAt: time,
  source: z.string().max(300),
  quality: z.strictObject({
    faceWidthPx: number,
    sharpness: number,
    brightness: number,
    yawDeg: number,
    pitchDeg: number,
    rollDeg: number,
  }),
  vectors: z
    .array(z.strictObject({ embedder: z.enum(embedderNames), vector: packedVector }))
    .min(1)
    .max(embedderNames.length),
});

/** A person with the templates; what only one door knows (badges, when the row was made) is not part of it. */
export const personContent = z.strictObject({
  id: z.string().max(64),
  name: z.string().max(200),
  enabled: z.boolean(),
  groups: z.array(z.string().max(64)).max(32),
  consent: z.string().max(400).nullable(),
  validFrom: time.nullable(),
  validUntil: time.nullable(),
  openSeconds: z.int().min(1).max(255).nullable(),
  updatedAt: time,
  templates: z.array(template).max(maxTemplatesPerPerson),
});
export type PersonContent = z.infer<typeof personContent>;

export const personDocument = z.strictObject({
  format: z.literal("lintel-fleet-person-1"),
  site,
  /** Topic id it belongs to: a record moved to another topic does not count. */
  topic: z.string(),
  life: count,
  version: count,
  door: doorId,
  /** Null: the person was removed. Then nothing here says who it was. */
  person: personContent.nullable(),
});
export type PersonDocument = z.infer<typeof personDocument>;

/** What one door knows, signed by it: count, root hash, and since when it was whole. */
export const doorDocument = z.strictObject({
  format: z.literal("lintel-fleet-door-1"),
  site,
  door: doorId,
  /** Milliseconds since 1970, and more than in any earlier one of this door. */
  atMs: z.int().min(1),
  /** When this door last knew that it had everything, ms since 1970; null: never yet. */
  provenAtMs: z.int().min(1).nullable(),
  root: z.string().regex(/^[0-9a-f]{64}$/),
  records: z.int().min(0),
  removed: z.int().min(0),
  roster: z.int().min(0),
});
export type DoorDocument = z.infer<typeof doorDocument>;

/** A door's public keys, as the owner is told them. */
export const rosterDoor = z.strictObject({
  id: doorId,
  /** Ed25519: what it writes. */
  sign: publicPoint,
  /** X25519: what the site's secrets are sealed to. */
  seal: publicPoint,
  writes: z.boolean(),
});
export type RosterDoor = z.infer<typeof rosterDoor>;

const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);

/** Which doors belong to a site, signed by its owner. */
export const rosterDocument = z.strictObject({
  format: z.literal("lintel-fleet-roster-1"),
  site,
  version: count,
  doors: z.array(rosterDoor).max(1000),
  /** JWE, general JSON serialisation (RFC 7516, 7.2.1): one recipient a door. */
  secrets: z.strictObject({
    protected: base64url,
    iv: base64url,
    ciphertext: base64url,
    tag: base64url,
    recipients: z
      .array(
        z.strictObject({
          header: z.strictObject({
            alg: z.literal("ECDH-ES+A256KW"),
            kid: doorId,
            // With one recipient alone it stands in the protected header.
            epk: z.strictObject({ kty: z.literal("OKP"), crv: z.literal("X25519"), x: publicPoint }).optional(),
          }),
          encrypted_key: base64url,
        }),
      )
      .max(1000),
  }),
});

/** Inside the secrets: the key of the topic ids, and the keys of the records, newest first. */
export const siteSecrets = z.strictObject({
  topicKey: publicPoint,
  keys: z
    .array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), key: publicPoint }))
    .min(1)
    .max(8),
});
export type SiteSecrets = z.infer<typeof siteSecrets>;
