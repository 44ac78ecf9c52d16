import type { EmbedderName, Embedding } from "../pipeline/types.ts";
import type { PhotoAnswer, PhotoPurpose } from "../vision/protocol.ts";
import type {
  AccessDefinitions,
  HolidaysDefinition,
  RuleDefinition,
  ScheduleDefinition,
} from "./access/definitions.ts";
import type { Explanation } from "./access/explain.ts";
import type { FactorSink } from "./access/second-factor.ts";

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

/** Answer to a removal; docs/privacy.md says what each part proves. */
export interface RemovalProof {
  readonly person: string;
  readonly templates: number;
  /** ISO 8601, UTC. */
  readonly removedAt: string;
  /** SHA-256 (hexadecimal) of each sealed vector that was destroyed: IV, ciphertext, tag. */
  readonly vectors: readonly { readonly template: number; readonly embedder: EmbedderName; readonly sha256: string }[];
  /** SHA-256 over person, removedAt, templates and vectors as canonical JSON; the `removed` event carries it. */
  readonly digest: string;
  /** `seq` of the `removed` event. */
  readonly event: number;
  /** The search for the destroyed bytes afterwards: `remains` names files that still hold a piece of them. */
  readonly search: { readonly files: number; readonly bytes: number; readonly remains: readonly string[] };
}

/** Everything held about one person, in the form in which it is handed out. */
export interface PersonExport {
  readonly format: "lintel-person-1";
  readonly exportedAt: string;
  readonly person: Person;
  readonly templates: readonly {
    readonly id: number;
    readonly createdAt: string;
    readonly source: string;
    readonly quality: Readonly<Record<string, number>>;
    readonly vectors: readonly {
      readonly embedder: EmbedderName;
      readonly dimensions: number;
      /** Only when asked for. */
      readonly values?: readonly number[];
    }[];
  }[];
  /** Rows about the person in other tables, by table. */
  readonly other: Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>;
  /** Events that name the person; ids of others in them are left out. */
  readonly events: readonly EventRecord[];
  /** `seq` to go on from when there are more events than one answer holds. */
  readonly nextEvent: number | null;
}

export interface KeyRotation {
  /** Vectors sealed with the new key. */
  readonly vectors: number;
  /** Vectors that did not open with the old key: they were left as they are and stay unreadable. */
  readonly damaged: number;
  /** ISO 8601, UTC. */
  readonly rotatedAt: string;
}

export interface People {
  list(): readonly Person[];
  get(id: string): Person | undefined;
  /** Creates the person if unknown and adds a template for each usable photograph. Refusals are values. */
  add(id: string, fields: PersonFields, photos: readonly Photo[], by: string): Promise<AddResult>;
  update(id: string, fields: PersonFields, by: string): Person;
  /** Removes everything kept about the person, then looks through the state directory for what may be left. */
  remove(id: string, by: string): Promise<RemovalProof>;
  /** Everything held about one person. Throws `LINTEL_E_NOT_FOUND`. */
  export(id: string, options: { readonly vectors: boolean; readonly eventsFrom: number }): Promise<PersonExport>;
  /** Seals every vector with a new key and destroys the old one. Throws when the key is not ours to change. */
  rotateKey(by: string): Promise<KeyRotation>;
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

// --- the door ---

export type DoorMode = "normal" | "passage" | "lockdown";

/** An alarm and who has seen it. */
export interface AlarmDetail {
  readonly alarm: string;
  /** `resolved`: the cause is gone and nobody has acknowledged it yet. */
  readonly state: "raised" | "acknowledged" | "resolved";
  /** ISO 8601: since when it is in this state. */
  readonly since: string;
  /** Who acknowledged it. */
  readonly by: string | null;
}

/** What is known about the door; the payload of the MQTT topic `state` without `people`. */
export interface DoorState {
  /** As read back from the chip; `unknown` while the guard does not answer. */
  readonly lock: "locked" | "unlocked" | "unknown";
  readonly contact: "open" | "closed" | "unknown";
  readonly mode: DoorMode;
  /** Names of the alarms whose cause is there: `forced`, `held`, `held-warning`, `tamper`, `lock-fault`. */
  readonly alarms: readonly string[];
  /** The same with their states, and the resolved ones that nobody has acknowledged. */
  readonly alarmDetails: readonly AlarmDetail[];
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
    by: { readonly source: "face" | "request" | "rex"; readonly person?: string; readonly requester?: string },
  ): UnlockAnswer;
  lock(by: string): void;
  setMode(mode: DoorMode, by: string): void;
  /** Somebody has seen the alarm of this name. False: none waits to be acknowledged. */
  acknowledge(alarm: string, by: string): boolean;
  subscribe(listener: (state: DoorState) => void): () => void;
}

/** Why an interlocked door may not open now; `partner` is null where it is nobody's doing but the network's. */
export interface InterlockRefusal {
  readonly partner: string | null;
  readonly why: "open" | "claims" | "no-answer" | "not-connected" | "withdrawn";
}

/** Other doors that must be shut while this one opens. */
export interface OtherDoors {
  /** Asks them all; null when each has agreed. Never later than the configured timeout. */
  claim(): Promise<InterlockRefusal | null>;
}

// --- who may enter, and when ---

/** The access rules, for requests. A definition that is put replaces the one of its id. */
export interface Access extends FactorSink {
  readonly definitions: AccessDefinitions;
  /** Definitions that cannot be read; they permit nothing. */
  readonly damaged: readonly { readonly kind: string; readonly id: string }[];
  explain(personId: string, time: Date | null, mode: DoorMode): Explanation;
  putRule(rule: RuleDefinition, by: string): void;
  /** The last one goes only with `allowEveryone`. */
  removeRule(id: string, allowEveryone: boolean, by: string): void;
  /** Returns it with its time zone. */
  putSchedule(
    schedule: Omit<ScheduleDefinition, "timeZone"> & { readonly timeZone?: string | undefined },
    by: string,
  ): ScheduleDefinition;
  removeSchedule(id: string, by: string): void;
  putHolidays(holidays: HolidaysDefinition, by: string): void;
  removeHolidays(id: string, by: string): void;
  /** `isDuress`: it works as any other and raises a silent alarm. */
  putBadge(badge: string, holder: { readonly person: string; readonly isDuress: boolean }, by: string): void;
  removeBadge(badge: string, by: string): void;
  /** The person went out again, or is pardoned: no rule against passing back holds. */
  left(personId: string): void;
  /** A badge was held to a reader. Throws `LINTEL_E_NOT_FOUND` for one that nobody has. */
  badgeShown(badge: string): void;
}

// --- the door display ---

/** What the screen beside the door shows. Texts are whole sentences to a person, without secrets. */
export interface DisplayState {
  readonly kind: "idle" | "prompt" | "granted" | "refused" | "closed";
  readonly title: string;
  readonly detail: string;
  /** A prompt's instruction as one word, for the picture shown with it and for the simulated walker. */
  readonly prompt: "turn" | "come-closer" | "step-back" | "look-here" | "more-light" | "hold-still" | "badge" | null;
}

export interface Display {
  readonly current: DisplayState;
  subscribe(listener: (state: DisplayState) => void): () => void;
}

// --- requests ---

/** What a key that signs requests may do: read < enrol, open < configure. */
export const keyRoles = ["read", "enrol", "open", "configure"] as const;
export type KeyRole = (typeof keyRoles)[number];

/** A public key whose signed requests count. */
export interface RequestKey {
  /** The RFC 7638 thumbprint, `kid` of its requests. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly KeyRole[];
  readonly createdAt: string;
}

export interface RequestKeys {
  list(): readonly RequestKey[];
  /** `publicKey`: Ed25519 as JWK or PEM. */
  add(publicKey: string, fields: Pick<RequestKey, "name" | "roles">, by: string): Promise<RequestKey>;
  remove(idOrName: string, by: string): RequestKey;
}

/** Where a request came from; it decides what it may do. `name` is for the event log. */
export interface RequestOrigin {
  readonly transport: "mqtt" | "control-socket";
  readonly name: string;
  /** Of the key that signed it: then only what these roles permit. Absent: requests are not signed there. */
  readonly roles?: readonly KeyRole[] | undefined;
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
  readonly audit: Audit;
  readonly access: Access;
  readonly keys: RequestKeys;
  /** Absent: this door opens whatever others do. */
  readonly otherDoors?: OtherDoors | undefined;
  readonly origin: RequestOrigin;
  health(): Health;
  /** The configuration as published: without secrets. */
  publicConfig(): Readonly<Record<string, unknown>>;
  /** Ends the daemon with the exit code that makes its supervisor start it again. */
  restart(): void;
}
