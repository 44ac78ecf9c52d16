import { z } from "zod";
import { type AuditKey, isSignedBy } from "./audit-key.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type BreakReason, firstLink, type Link } from "./chain.ts";
import type { EventStore, StoredCheckpoint } from "./event-store.ts";

/**
 * What stays of events that were removed: the rest of the chain follows `hash`. The signature is Ed25519 over
 * `lintel-event-checkpoint-1`, a line feed and the canonical JSON of this.
 */
const checkpointFields = z.strictObject({
  version: z.literal(1),
  /** Numbers of the first and the last event removed. */
  fromSeq: z.int().min(1),
  throughSeq: z.int().min(1),
  /** How many were there. */
  count: z.int().min(0),
  /** Of the last one removed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  lastTime: z.string(),
  removedAt: z.string(),
  /** The first broken link among the removed ones, found when they were removed; null: none. */
  brokenAt: z.int().nullable(),
  /** Public half of the key that signs, base64url. */
  key: z.string(),
});
export type Checkpoint = z.output<typeof checkpointFields>;

export function signCheckpoint(fields: Omit<Checkpoint, "version" | "key">, key: AuditKey): StoredCheckpoint {
  const json = canonicalJson({ ...fields, version: 1, key: key.publicKey });
  return { throughSeq: fields.throughSeq, json, signature: key.sign(signedText(json)) };
}

/** What a stored checkpoint says, whether it is genuine or not; null when it says nothing. */
export function readCheckpoint({ json }: StoredCheckpoint): Checkpoint | null {
  try {
    return checkpointFields.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** What the events that are left follow, as the newest checkpoint says, genuine or not; the beginning without one. */
export function anchorOf(store: EventStore): Link {
  const newest = store.checkpoints().at(-1);
  const checkpoint = newest ? readCheckpoint(newest) : null;
  return checkpoint ? { seq: checkpoint.throughSeq, hash: checkpoint.hash } : firstLink;
}

export interface BrokenCheckpoint {
  readonly brokenAt: number;
  readonly reason: BreakReason;
}

/**
 * The first thing wrong with the checkpoints of a log: not signed by a trusted key, not adjoining the one before it, or
 * itself saying that it removed a broken link. Null when all are as they should be.
 */
export function brokenCheckpoint(
  stored: readonly StoredCheckpoint[],
  trustedKeys: readonly string[],
): BrokenCheckpoint | null {
  let through = 0;
  for (const one of stored) {
    const checkpoint = readCheckpoint(one);
    const isGenuine =
      checkpoint !== null &&
      trustedKeys.includes(checkpoint.key) &&
      isSignedBy(checkpoint.key, { text: signedText(one.json), signature: one.signature }) &&
      checkpoint.throughSeq === one.throughSeq &&
      checkpoint.fromSeq === through + 1;
    if (!isGenuine) return { brokenAt: through + 1, reason: "checkpoint" };
    if (checkpoint.brokenAt !== null) return { brokenAt: checkpoint.brokenAt, reason: "altered" };
    through = checkpoint.throughSeq;
  }
  return null;
}

// --- internal ---

function signedText(json: string): string {
  return `lintel-event-checkpoint-1\n${json}`;
}
