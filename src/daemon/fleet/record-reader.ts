import type { KnownElsewhere } from "../people/replace-person.ts";
import { readContent } from "./content.ts";
import { type DoorDocument, doorDocument, maxBytes, personDocument } from "./documents.ts";
import { digestOf, openSealed } from "./envelope.ts";
import type { FleetRefusal } from "./refusals.ts";
import type { Roster } from "./roster.ts";
import type { Stamp } from "./stamp.ts";
import { topicIdOf } from "./topics.ts";

/** A record as it came, opened, verified and checked. */
export interface Arrival {
  readonly topic: string;
  readonly stamp: Stamp;
  /** Null: a removal. */
  readonly known: KnownElsewhere | null;
  readonly jws: string;
  /** The message itself, and its SHA-256. */
  readonly sealed: string;
  readonly message: string;
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: FleetRefusal };

/** A record of a person from the topic with this id. */
export async function readRecord(
  topic: string,
  payload: Uint8Array,
  { site, roster }: { site: string; roster: Roster },
): Promise<Read<Arrival>> {
  if (payload.length > maxBytes.person) return { ok: false, reason: "too-large" };
  const opened = await openSealed(payload, roster);
  if (!opened.ok) return opened;
  const { success, data: document } = personDocument.safeParse(opened.document);
  if (!success) return { ok: false, reason: "malformed" };
  const { life, version, door, person } = document;
  if (document.site !== site) return { ok: false, reason: "wrong-site" };
  if (door !== opened.door) return { ok: false, reason: "wrong-door" };
  if (!roster.writes(door)) return { ok: false, reason: "not-a-writer" };
  const isItsTopic = person === null || topicIdOf(person.id, roster.topicKey) === topic;
  if (document.topic !== topic || !isItsTopic) return { ok: false, reason: "wrong-topic" };
  const known = person === null ? null : readContent(person);
  if (person !== null && known === null) return { ok: false, reason: "malformed" };
  const stamp = { life, version, isRemoved: person === null, door, digest: opened.digest };
  const sealed = Buffer.from(payload).toString("latin1");
  return { ok: true, value: { topic, stamp, known, jws: opened.jws, sealed, message: digestOf(payload) } };
}

/** What a door says of itself, from its own topic. `nowMs` null: the clock is not to be believed. */
export async function readDoor(
  door: string,
  payload: Uint8Array,
  { site, roster, nowMs }: { site: string; roster: Roster; nowMs: number | null },
): Promise<Read<DoorDocument>> {
  if (payload.length > maxBytes.door) return { ok: false, reason: "too-large" };
  const opened = await openSealed(payload, roster);
  if (!opened.ok) return opened;
  const { success, data: document } = doorDocument.safeParse(opened.document);
  if (!success) return { ok: false, reason: "malformed" };
  if (document.site !== site) return { ok: false, reason: "wrong-site" };
  if (document.door !== door || opened.door !== door) return { ok: false, reason: "wrong-door" };
  const newestMs = Math.max(document.atMs, document.provenAtMs ?? 0);
  if (nowMs !== null && newestMs > nowMs + maxAheadMs) return { ok: false, reason: "future" };
  return { ok: true, value: document };
}

// --- internal ---

/** Clocks of two doors may differ by this much. */
const maxAheadMs = 5 * 60_000;
