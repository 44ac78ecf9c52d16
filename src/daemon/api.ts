import type { Embedding } from "../pipeline/types.ts";
import type { PhotoAnswer, PhotoPurpose } from "../vision/protocol.ts";

/** The vocabulary of the control plane: what its rooms say to each other, on one page. */

// --- people ---

/** A person the door knows. Times are ISO 8601 in UTC. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly groups: readonly string[];
  /** Reference to the consent given (a document number, not the document). */
  readonly consent: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  /** Open time for this person in seconds (1 to 255); null: the door's own. */
  readonly openSeconds: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** How many templates stand behind the person. */
  readonly templates: number;
}

/** What may be said about a person when adding or updating; what is left out keeps its value or its default. */
export interface PersonFields {
  readonly name?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly consent?: string | null | undefined;
  readonly validFrom?: string | null | undefined;
  readonly validUntil?: string | null | undefined;
  readonly openSeconds?: number | null | undefined;
}

/** A picture to enrol from or to verify; `file` is the name it is reported by. */
export interface Photo {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Why a photograph was not taken: the problem of the file, of the face, or of the person it belongs to. */
export interface PhotoRefusal {
  readonly file: string;
  /** A stable word such as `no-face`, `several-faces`, `too-small`, `corrupt`, `already-enrolled`. */
  readonly reason: string;
  /** One sentence: what to do about it. */
  readonly detail: string;
}

export interface AddResult {
  readonly id: string;
  /** Templates the person has now. */
  readonly templates: number;
  readonly refused: readonly PhotoRefusal[];
}

export interface VerifyResult {
  readonly match: boolean;
  readonly distance: number | null;
  readonly threshold: number;
  readonly reason: string | null;
}

/** One face of a photograph against the gallery; the reason says why there is no person. Box in pixels of the upright picture. */
export interface IdentifiedFace {
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly person: string | null;
  readonly distance: number | null;
  readonly runnerUp: { readonly person: string; readonly distance: number } | null;
  /** `unknown`, `ambiguous`, or what keeps the face from being judged (`too-small`, `blurred`, …). */
  readonly reason: string | null;
}

/** One template: the vectors of one picture of one person, one per embedder. */
export interface Template {
  readonly id: number;
  readonly personId: string;
  readonly embeddings: readonly Embedding[];
}

export interface People {
  list(): readonly Person[];
  get(id: string): Person | undefined;
  /** Creates the person if unknown and adds a template for each usable photograph. Refusals are values. */
  add(id: string, fields: PersonFields, photos: readonly Photo[], by: string): Promise<AddResult>;
  update(id: string, fields: PersonFields, by: string): Person;
  remove(id: string, by: string): void;
  verify(id: string, photo: Photo): Promise<VerifyResult>;
  /** Every face of a photograph, one to K. Throws `LINTEL_E_UNREADABLE` for a file that is no picture. */
  identifyPhoto(photo: Photo): Promise<readonly IdentifiedFace[]>;
}

/** Looks at one photograph in a process of its own, so that a hostile picture hurts nobody. */
export interface PhotoAnalyser {
  analyse(image: Uint8Array, purpose: PhotoPurpose): Promise<Extract<PhotoAnswer, { type: "photo" | "photo-refused" }>>;
}

// --- events ---

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
  readonly [field: string]: unknown;
}

export interface EventLog {
  /** Writes the event durably before it returns, then tells the listeners. */
  append(type: EventType, fields?: Readonly<Record<string, unknown>>): EventRecord;
  /** The events from `seq` on, oldest first, at most `limit`. */
  read(fromSeq: number, limit: number): readonly EventRecord[];
  /** Calls back for each event appended from now on; the returned function ends it. */
  subscribe(listener: (event: EventRecord) => void): () => void;
}

// --- the door ---

export type DoorMode = "normal" | "passage" | "lockdown";

/** What is known about the door; the payload of the MQTT topic `state` without `people`. */
export interface DoorState {
  /** As read back from the chip; `unknown` while the guard does not answer. */
  readonly lock: "locked" | "unlocked" | "unknown";
  readonly contact: "open" | "closed" | "unknown";
  readonly mode: DoorMode;
  readonly alarms: readonly string[];
  /** ISO 8601: since when the lock is as it is. */
  readonly since: string;
}

export type UnlockAnswer =
  | { readonly ok: true; readonly openMs: number }
  | { readonly ok: false; readonly reason: string };

export interface Door {
  readonly state: DoorState;
  /** Opens for a time in seconds (1 to 255; absent: the door's own). `by` names who asked, for the event. */
  unlock(
    seconds: number | undefined,
    by: { readonly source: "face" | "request" | "rex"; readonly person?: string },
  ): UnlockAnswer;
  lock(by: string): void;
  setMode(mode: DoorMode, by: string): void;
  subscribe(listener: (state: DoorState) => void): () => void;
}

// --- the door display ---

/** What the screen beside the door shows. Texts are whole sentences to a person, without secrets. */
export interface DisplayState {
  readonly kind: "idle" | "prompt" | "granted" | "refused" | "closed";
  readonly title: string;
  readonly detail: string;
  /** A prompt's instruction as one word, for the picture shown with it and for the simulated walker. */
  readonly prompt: "turn" | "come-closer" | "step-back" | "look-here" | "more-light" | "hold-still" | null;
}

export interface Display {
  readonly current: DisplayState;
  subscribe(listener: (state: DisplayState) => void): () => void;
}

// --- requests ---

/** Where a request came from; it decides what it may do. `name` is for the event log. */
export interface RequestOrigin {
  readonly transport: "mqtt" | "control-socket";
  readonly name: string;
}

export interface Health {
  readonly ok: boolean;
  readonly [part: string]: unknown;
}

/** What a request may use. */
export interface RequestContext {
  readonly people: People;
  readonly door: Door;
  readonly events: EventLog;
  readonly origin: RequestOrigin;
  health(): Health;
  /** The configuration as published: without secrets. */
  publicConfig(): Readonly<Record<string, unknown>>;
  /** Ends the daemon with the exit code that makes its supervisor start it again. */
  restart(): void;
}
