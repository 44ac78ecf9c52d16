import { hash as digest } from "node:crypto";

/**
 * The chain of the audit log. The hash of an event is the SHA-256, in hexadecimal, of the text
 *
 *     <hash of the event before it, 64 hexadecimal digits> LF <canonical JSON of {fields, seq, time, type}>
 *
 * in UTF-8, where `fields` is everything else the event says. So a change of any event, of its place or of its number
 * changes every hash after it, and anybody can recompute it with `sha256sum`. The first event follows `genesis`.
 */

/** What stands before the first event: 64 zeros. */
export const genesis = "0".repeat(64);

/** An event as it is stored; `json` is the canonical JSON of its fields. */
export interface ChainedRow {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: string;
  readonly json: string;
}

/** Hash of an event that follows another. Hexadecimal. */
export function linkHash(previous: string, { seq, time, type, json }: ChainedRow): string {
  // The keys are in their canonical order and neither time nor type needs escaping (see `isPlain`).
  return digest("sha256", `${previous}\n{"fields":${json},"seq":${seq},"time":"${time}","type":"${type}"}`);
}

/**
 * Whether number, time and type are of the only form in which `linkHash` is unambiguous: read from its end, the text can
 * be taken apart in one way only. A row of another form was not written by us.
 */
export function isPlain({ seq, time, type }: ChainedRow): boolean {
  return Number.isSafeInteger(seq) && plainTime.test(time) && plainType.test(type);
}

/** The last event before a place, and its hash: what the next one follows. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

export const firstLink: Link = { seq: 0, hash: genesis };

/** Why a link is broken: its content or hash changed; it is not there; it stands where none belongs or has no hash. */
export type BreakReason = "altered" | "missing" | "unchained" | "checkpoint" | "head";

/** Why this row does not follow that link; null when it does. */
export function breakOf(previous: Link, row: ChainedRow & { readonly hash: string }): BreakReason | null {
  if (row.seq > previous.seq + 1) return "missing";
  if (row.seq <= previous.seq || row.hash === "") return "unchained";
  return isPlain(row) && linkHash(previous.hash, row) === row.hash ? null : "altered";
}

// --- internal ---

const plainTime = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const plainType = /^[a-z][a-z-]{0,40}$/;
