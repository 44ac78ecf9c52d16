/** The types of the contract; not all of them are raised yet. */
export const eventTypes = [
  "granted",
  "denied",
  "unknown",
  "spoof",
  "visitor",
  "tailgating",
  "probing",
  "opened",
  "closed",
  "not-taken",
  "forced",
  "held",
  "rex",
  "tamper",
  "duress",
  "enrolled",
  "updated",
  "removed",
  "lockout",
  "request-refused",
  "mode",
  "started",
] as const;
export type EventType = (typeof eventTypes)[number];

/** One line of the log. Never holds a vector, a picture or a secret. */
export interface EventRecord {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: EventType;
  /** Link of the chain (events/chain.ts), hexadecimal; absent while the event is not written yet. */
  readonly hash?: string;
  readonly [field: string]: unknown;
}

export interface EventLog {
  /** Writes the event durably before it returns, then tells the listeners; `seq` 0: the disk refuses, it waits. */
  append(type: EventType, fields?: Readonly<Record<string, unknown>>): EventRecord;
  /** The events from `seq` on, oldest first, at most `limit`. */
  read(fromSeq: number, limit: number): readonly EventRecord[];
  /** Calls back for each event appended from now on; the returned function ends it. */
  subscribe(listener: (event: EventRecord) => void): () => void;
}

/** What a walk along the hash chain of the event log found. */
export interface AuditReport {
  /** Events in the log. */
  readonly events: number;
  readonly ok: boolean;
  /** Number of the first event that is altered, missing or out of place; null: none. */
  readonly brokenAt: number | null;
  readonly reason: string | null;
  /** The last event whose link holds. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** Events up to this number were removed by age, under a signed checkpoint; 0: none. */
  readonly removedThrough: number;
}

export interface Audit {
  verify(): Promise<AuditReport>;
}
