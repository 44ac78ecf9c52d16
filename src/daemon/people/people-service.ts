import type { Clock } from "../../core/clock.ts";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Identification } from "../../pipeline/matching/identify.ts";
import { verificationThreshold } from "../../pipeline/matching/threshold.ts";
import type { Embedding } from "../../pipeline/types.ts";
import type {
  AddResult,
  EventLog,
  IdentifiedFace,
  KeyRotation,
  People,
  Person,
  PersonExport,
  PersonFields,
  Photo,
  PhotoAnalyser,
  RemovalProof,
  Template,
  VerifyResult,
} from "../api.ts";
import type { PeopleStore } from "../store/people-store.ts";
import type { Search } from "../store/remains.ts";
import { type ExportOptions, exportPerson } from "./export-person.ts";
import { applyFields, changedFields, checkId, defaultValues, type PersonValues } from "./fields.ts";
import { firstEmbedder, Gallery, type GallerySettings } from "./gallery.ts";
import { identifyFaces } from "./identify-faces.ts";
import { type Candidate, checkPhotoCount, readPhoto, selectPhotos } from "./photo-rules.ts";
import { readPhotos } from "./read-photos.ts";
import { digestOf, removalFacts } from "./removal-proof.ts";
import { type KnownElsewhere, replacePerson } from "./replace-person.ts";

export interface PeopleParts {
  readonly store: PeopleStore;
  /** All or nothing, with the events written meanwhile: `Sqlite` is one. */
  readonly db: { transaction<T>(work: () => T): T; afterCommit(call: () => void): void };
  readonly events: Pick<EventLog, "append" | "read">;
  readonly analyser: PhotoAnalyser;
  readonly clock: Pick<Clock, "date">;
  readonly logger: Logger;
  readonly gallery: GallerySettings;
  readonly requireConsent: boolean;
  readonly erasure: Erasure;
  /** Changes the gallery key; `record` is called in the transaction that seals the vectors anew. */
  rotateKey(record: (sealed: { readonly vectors: number }) => void): Omit<KeyRotation, "rotatedAt">;
}

/** Gets rid of what outlives a deleted row: the write-ahead file, copies of the database. */
export interface Erasure {
  /** Called in the transaction that deletes: should we die before `finish`, the next start finishes. */
  begin(): void;
  /** Empties the copies and looks for the secrets in every file that is ours. */
  finish(secrets: readonly Uint8Array[]): Promise<Search>;
}

/** Everybody the door knows, on disk and in memory. Also says who a face is, for admission. */
export class PeopleService implements People {
  readonly #parts: PeopleParts;
  readonly #people = new Map<string, Person>();
  readonly #vectors = new Map<string, Float32Array[]>();
  #gallery: Gallery;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#gallery = new Gallery(parts.gallery);
  }

  /** Reads everybody from the database. Templates that do not open are left out and said: the rest must go on working. */
  start(): void {
    const { store, logger } = this.#parts;
    this.#people.clear();
    this.#vectors.clear();
    this.#gallery = new Gallery(this.#parts.gallery);
    for (const person of store.list()) this.#people.set(person.id, person);
    const { templates, damaged } = store.templates();
    for (const template of templates) this.#learn(template);
    const { requireConsent } = this.#parts;
    const without = requireConsent ? this.list().filter(({ consent }) => consent === null) : [];
    if (without.length > 0) logger.warn({ people: without.map(({ id }) => id) }, "people without a consent reference");
    for (const vector of damaged) logger.error(vector, "template does not open and is left out: enrol the person anew");
  }

  get gallery(): Omit<Gallery, "add" | "remove" | "identify" | "nearestOther" | "maxDistance"> {
    return this.#gallery;
  }

  list(): readonly Person[] {
    return [...this.#people.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: string): Person | undefined {
    return this.#people.get(id);
  }

  identify(face: readonly Embedding[]): Identification {
    return this.#gallery.identify(face);
  }

  async add(id: string, fields: PersonFields, photos: readonly Photo[], by: string): Promise<AddResult> {
    this.checkNew(id, fields);
    const wasKnown = this.#people.has(id);
    checkPhotoCount(photos.length, wasKnown);
    const { candidates, refused } = await readPhotos(photos, this.#parts.analyser);
    if (wasKnown) this.#mustKnow(id);
    const result = this.enrol(id, fields, { candidates, by });
    const order = photos.map(({ file }) => file);
    return {
      ...result,
      refused: [...refused, ...result.refused].sort((a, b) => order.indexOf(a.file) - order.indexOf(b.file)),
    };
  }

  /** Adds pictures that were measured already. Nothing waits in here, so that two requests never judge by one old state. */
  enrol(id: string, fields: PersonFields, from: { candidates: readonly Candidate[]; by: string }): AddResult {
    const before = this.#people.get(id);
    const values = this.#values(id, before, fields);
    const { accepted, refused } = selectPhotos(from.candidates, {
      own: this.#vectors.get(id) ?? [],
      templates: before?.templates ?? 0,
      nearestOther: (vector) => this.#gallery.nearestOther(id, vector),
    });
    if (before || accepted.length > 0) this.#enrol({ id, before, values, accepted, by: from.by });
    return { id, templates: this.#people.get(id)?.templates ?? 0, refused };
  }

  /** Throws what would be refused whatever the pictures show. */
  checkNew(id: string, fields: PersonFields): void {
    checkId(id);
    this.#values(id, this.#people.get(id), fields);
  }

  update(id: string, fields: PersonFields, by: string): Person {
    const before = this.#mustKnow(id);
    const values = applyFields(before, fields);
    // Who was enrolled before consent was asked for may still be changed, above all disabled.
    if (before.consent !== null) this.#checkConsent(id, values);
    const changed = changedFields(before, values);
    if (changed.length === 0) return before;
    const person = this.#with(before, values, before.templates);
    const { db, store, events } = this.#parts;
    db.transaction(() => {
      store.put(person);
      // Before the event: whoever hears of the change must find it made.
      db.afterCommit(() => this.#people.set(id, person));
      events.append("updated", { person: id, changed, by });
    });
    return person;
  }

  /** Puts somebody in as another door wrote them, in place of what is here; `alongside` is part of the transaction. */
  replace(known: KnownElsewhere, by: string, alongside: () => void): void {
    const learn = (person: Person, templates: readonly Template[] | null) => {
      if (templates !== null) this.#forget(person.id);
      this.#people.set(person.id, person);
      for (const template of templates ?? []) this.#learn(template);
    };
    const before = this.#people.get(known.person.id);
    replacePerson({ ...this.#parts, before, learn }, known, { by, alongside });
  }

  /** Compares the person by the templates that are in the database now. */
  relearn(id: string): void {
    this.#unlearn(id);
    for (const template of this.#parts.store.templatesOf(id)) if (template.kind !== "candidate") this.#learn(template);
  }

  async remove(id: string, by: string): Promise<RemovalProof> {
    const { templates } = this.#mustKnow(id);
    const { db, store, events, erasure, clock, logger } = this.#parts;
    const sealed = store.sealedOf(id);
    const facts = removalFacts({ person: id, removedAt: clock.date().toISOString(), templates, sealed });
    const digest = digestOf(facts);
    const { seq } = db.transaction(() => {
      store.remove(id);
      erasure.begin();
      db.afterCommit(() => this.#forget(id));
      return events.append("removed", { person: id, templates, digest, by });
    });
    try {
      const secrets = sealed.flatMap(({ ciphertext, tag }) => [ciphertext, tag]);
      const search = await erasure.finish(secrets);
      if (search.remains.length > 0) logger.error({ person: id, files: search.remains }, "removed person remains");
      return { ...facts, digest, event: seq, search };
    } catch (error) {
      // The person is gone and nobody is recognised as them; what lingers in copies goes with the next start.
      throw new LintelError("LINTEL_E_STORAGE", `${id} was removed, but copies may linger: ${errorText(error)}`, {
        hint: "mend the disk, then restart lintel: it clears them when it starts",
        cause: error,
      });
    }
  }

  export(id: string, options: ExportOptions): Promise<PersonExport> {
    const { store, events, clock } = this.#parts;
    return exportPerson(id, { store, events, exportedAt: clock.date().toISOString() }, options);
  }

  async rotateKey(by: string): Promise<KeyRotation> {
    const { events, clock, erasure, rotateKey } = this.#parts;
    const { vectors: sealed, damaged } = rotateKey(({ vectors }) =>
      events.append("updated", { changed: ["gallery-key"], vectors, by }),
    );
    await erasure.finish([]);
    return { vectors: sealed, damaged, rotatedAt: clock.date().toISOString() };
  }

  async verify(id: string, photo: Photo): Promise<VerifyResult> {
    this.#mustKnow(id);
    const threshold = Math.min(verificationThreshold, this.#gallery.maxDistance);
    const reading = readPhoto(photo.file, await this.#parts.analyser.analyse(photo.bytes, "comparison"));
    if (!reading.ok) return { match: false, distance: null, threshold, reason: reading.refusal.reason };
    const distance = this.#gallery.distanceTo(id, reading.candidate.embeddings);
    if (distance === null) return { match: false, distance, threshold, reason: "must-re-enrol" };
    const match = distance <= threshold;
    return { match, distance, threshold, reason: match ? null : "different-person" };
  }

  async identifyPhoto(photo: Photo): Promise<readonly IdentifiedFace[]> {
    return identifyFaces(await this.#parts.analyser.analyse(photo.bytes, "comparison"), this);
  }

  // --- internal ---

  #enrol(change: {
    id: string;
    before: Person | undefined;
    values: PersonValues;
    accepted: readonly Candidate[];
    by: string;
  }): void {
    const { id, before, values, accepted, by } = change;
    const { db, store, events } = this.#parts;
    const changed = before ? changedFields(before, values) : [];
    if (before && changed.length === 0 && accepted.length === 0) return;
    const person = this.#with(before ?? { id }, values, (before?.templates ?? 0) + accepted.length);
    db.transaction(() => {
      store.put(person);
      const templates = accepted.map(({ embeddings, quality }) =>
        store.addTemplate({ personId: id, createdAt: person.updatedAt, source: by, quality, embeddings }),
      );
      db.afterCommit(() => {
        this.#people.set(id, person);
        for (const template of templates) this.#learn(template);
      });
      if (changed.length > 0) events.append("updated", { person: id, changed, by });
      if (templates.length > 0) events.append("enrolled", { person: id, templates: person.templates, by });
    });
  }

  #forget(id: string): void {
    this.#people.delete(id);
    this.#unlearn(id);
  }

  #unlearn(id: string): void {
    for (const vector of this.#vectors.get(id) ?? []) vector.fill(0);
    this.#vectors.delete(id);
    this.#gallery.remove(id);
  }

  #learn(template: Template): void {
    // Further pictures are held against what was enrolled, never against what was adapted.
    if (!this.#gallery.add(template) || template.kind === "adapted") return;
    const vector = template.embeddings.find(({ embedder }) => embedder === firstEmbedder)?.vector;
    if (vector) this.#vectors.set(template.personId, [...(this.#vectors.get(template.personId) ?? []), vector]);
  }

  #values(id: string, before: PersonValues | undefined, fields: PersonFields): PersonValues {
    const values = applyFields(before ?? defaultValues(id), fields);
    this.#checkConsent(id, values);
    return values;
  }

  #checkConsent(id: string, { consent }: PersonValues): void {
    if (!this.#parts.requireConsent || consent !== null) return;
    throw new LintelError("LINTEL_E_REQUEST", `${id} may not be enrolled without a consent reference`, {
      hint: "give consent (the number of the signed form); privacy.requireConsent is set",
    });
  }

  #with(person: Partial<Person> & { readonly id: string }, values: PersonValues, templates: number): Person {
    const now = this.#parts.clock.date().toISOString();
    return { id: person.id, ...values, createdAt: person.createdAt ?? now, updatedAt: now, templates };
  }

  #mustKnow(id: string): Person {
    checkId(id);
    const person = this.#people.get(id);
    if (person) return person;
    throw new LintelError("LINTEL_E_NOT_FOUND", `nobody is enrolled as ${id}`, {
      hint: "lintel people list shows everybody",
    });
  }
}
