import type { EmbedderName, Embedding } from "../../pipeline/types.ts";
import type { PhotoAnswer, PhotoPurpose } from "../../vision/protocol.ts";
import type { EventRecord } from "./events.ts";

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
  /** How the person wants to be greeted on the screens; null or absent: as the house greets. */
  readonly greet?: "name" | "first-name" | "none" | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** How many templates were enrolled of the person. */
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
  readonly greet?: Person["greet"] | undefined;
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
  /** Absent: enrolled. */
  readonly kind?: TemplateKind;
  readonly embeddings: readonly Embedding[];
}

/** What somebody enrolled, what the door took from visits, and what it may take once it is confirmed. */
export const templateKinds = ["enrolled", "adapted", "candidate"] as const;
export type TemplateKind = (typeof templateKinds)[number];

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
    readonly kind: TemplateKind;
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
