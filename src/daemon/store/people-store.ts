import { z } from "zod";
import { type EmbedderName, type Embedding, embedderNames } from "../../pipeline/types.ts";
import { type Person, type PersonExport, type Template, type TemplateKind, templateKinds } from "../api.ts";
import { deleteRecordsOf, type PersonalRow, recordsOf } from "./personal-tables.ts";
import { blobBytes, type Sqlite, type SqlValue } from "./sqlite.ts";
import type { SealedVector, Vault } from "./vault.ts";

/** What was measured on the face that a template was made from. */
export interface TemplateQuality {
  readonly faceWidthPx: number;
  readonly sharpness: number;
  readonly brightness: number;
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

export interface NewTemplate {
  readonly personId: string;
  readonly createdAt: string;
  /** Who or what enrolled it. */
  readonly source: string;
  readonly quality: TemplateQuality;
  readonly embeddings: readonly Embedding[];
  /** Absent: enrolled. */
  readonly kind?: TemplateKind;
}

/** A vector that does not open: altered, or sealed for somebody else. */
export interface DamagedVector {
  readonly personId: string;
  readonly templateId: number;
  readonly embedder: EmbedderName;
}

/** A sealed vector with whose it is. */
export interface SealedRow extends SealedVector {
  readonly template: number;
  readonly embedder: EmbedderName;
}

export type TemplateDescription = PersonExport["templates"][number];

const personRow = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.int(),
  groups: z.string(),
  consent: z.string().nullable(),
  valid_from: z.string().nullable(),
  valid_until: z.string().nullable(),
  open_seconds: z.int().nullable(),
  greet: z.enum(["name", "first-name", "none"]).nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  templates: z.int(),
});

const bytes = z.union([z.instanceof(ArrayBuffer), z.instanceof(Uint8Array)]).transform(blobBytes);
const vectorRow = z.object({
  id: z.int(),
  person_id: z.string(),
  kind: z.enum(templateKinds),
  embedder: z.enum(embedderNames),
  iv: bytes,
  ciphertext: bytes,
  tag: bytes,
});

const templateRow = z.object({
  id: z.int(),
  kind: z.enum(templateKinds),
  created_at: z.string(),
  source: z.string(),
  quality: z.string(),
});
const numbers = z.record(z.string(), z.number());

const selectVectors = `
  SELECT templates.id, person_id, kind, embedder, iv, ciphertext, tag
  FROM templates JOIN template_vectors ON template_id = templates.id`;

const selectPeople = `
  SELECT people.*, (SELECT count(*) FROM templates WHERE person_id = people.id AND kind = 'enrolled') AS templates
  FROM people`;

/** People and their sealed templates in the database. Rules about them live with the people service. */
export class PeopleStore {
  readonly #db: Sqlite;
  #vault: Vault;

  constructor(db: Sqlite, vault: Vault) {
    this.#db = db;
    this.#vault = vault;
  }

  list(): Person[] {
    return this.#db.all(personRow, `${selectPeople} ORDER BY id`).map(toPerson);
  }

  get(id: string): Person | undefined {
    const row = this.#db.get(personRow, `${selectPeople} WHERE id = ?`, [id]);
    return row && toPerson(row);
  }

  /** Inserts the person, or replaces everything but the templates and the time of creation. */
  put(person: Omit<Person, "templates">): void {
    this.#db.run(
      `INSERT INTO people (id, name, enabled, groups, consent, valid_from, valid_until, open_seconds, greet, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, enabled = excluded.enabled, groups = excluded.groups,
         consent = excluded.consent, valid_from = excluded.valid_from, valid_until = excluded.valid_until,
         open_seconds = excluded.open_seconds, greet = excluded.greet, updated_at = excluded.updated_at`,
      toParams(person),
    );
  }

  /** Removes the person with all templates, vectors and rows elsewhere. False when there was nobody of that id. */
  remove(id: string): boolean {
    return this.#db.transaction(() => {
      deleteRecordsOf(this.#db, id);
      return this.#db.run("DELETE FROM people WHERE id = ?", [id]).changes > 0;
    });
  }

  /** Removes the templates of a person with their vectors; the person stays. */
  removeTemplates(personId: string): void {
    this.#db.run("DELETE FROM templates WHERE person_id = ?", [personId]);
  }

  /** The vectors of a person as they lie in the database, in the order of their templates. */
  sealedOf(personId: string): SealedRow[] {
    return this.#db
      .all(vectorRow, `${selectVectors} WHERE person_id = ? ORDER BY templates.id, embedder`, [personId])
      .map(({ id: template, embedder, iv, ciphertext, tag }) => ({ template, embedder, iv, ciphertext, tag }));
  }

  /** What is known about a person's templates; the vectors themselves only on demand, and only those that open. */
  describeTemplates(personId: string, withVectors: boolean): TemplateDescription[] {
    const sealed = this.sealedOf(personId);
    const rows = this.#db.all(
      templateRow,
      "SELECT id, kind, created_at, source, quality FROM templates WHERE person_id = ? ORDER BY id",
      [personId],
    );
    return rows.map(({ id, kind, created_at: createdAt, source, quality }) => {
      const vectors = sealed
        .filter(({ template }) => template === id)
        .map((row) => this.#describeVector(personId, row, withVectors));
      return { id, kind, createdAt, source, quality: numbers.parse(JSON.parse(quality)), vectors };
    });
  }

  /** Rows about the person in tables of other rooms. */
  otherRecords(personId: string): Readonly<Record<string, readonly PersonalRow[]>> {
    return recordsOf(this.#db, personId);
  }

  /**
   * Seals every vector with another vault, all or nothing, and uses that one from the commit on. Vectors that do not open
   * are left as they are and counted.
   */
  reseal(next: Vault): { readonly vectors: number; readonly damaged: number } {
    return this.#db.transaction(() => {
      let vectors = 0;
      let damaged = 0;
      for (const row of this.#db.all(vectorRow, selectVectors)) {
        const { id, person_id: personId, embedder } = row;
        const owner = { personId, templateId: id, embedder };
        const vector = this.#vault.open(row, owner);
        if (vector === null) {
          damaged += 1;
          continue;
        }
        const { iv, ciphertext, tag } = next.seal(vector, owner);
        vector.fill(0);
        this.#db.run(
          "UPDATE template_vectors SET iv = ?, ciphertext = ?, tag = ? WHERE template_id = ? AND embedder = ?",
          [iv, ciphertext, tag, id, embedder],
        );
        vectors += 1;
      }
      this.#db.afterCommit(() => {
        this.#vault = next;
      });
      return { vectors, damaged };
    });
  }

  /** Seals the vectors and stores them; all or nothing. */
  addTemplate(template: NewTemplate): Template {
    const { personId, createdAt, source, quality, embeddings, kind = "enrolled" } = template;
    return this.#db.transaction(() => {
      const { lastInsertRowid: id } = this.#db.run(
        "INSERT INTO templates (person_id, kind, created_at, source, quality) VALUES (?, ?, ?, ?, ?)",
        [personId, kind, createdAt, source, JSON.stringify(quality)],
      );
      for (const { embedder, vector } of embeddings) {
        const sealed = this.#vault.seal(vector, { personId, templateId: id, embedder });
        this.#db.run(
          "INSERT INTO template_vectors (template_id, embedder, iv, ciphertext, tag) VALUES (?, ?, ?, ?, ?)",
          [id, embedder, sealed.iv, sealed.ciphertext, sealed.tag],
        );
      }
      return { id, personId, kind, embeddings };
    });
  }

  /** All templates that count, opened. A vector that does not open is left out and named. */
  templates(): { readonly templates: readonly Template[]; readonly damaged: readonly DamagedVector[] } {
    const order = "ORDER BY templates.id, embedder";
    return this.#open(this.#db.all(vectorRow, `${selectVectors} WHERE kind <> 'candidate' ${order}`));
  }

  /** Those of one person, candidates too. */
  templatesOf(personId: string): readonly Template[] {
    const order = "ORDER BY templates.id, embedder";
    return this.#open(this.#db.all(vectorRow, `${selectVectors} WHERE person_id = ? ${order}`, [personId])).templates;
  }

  // --- internal ---

  #open(rows: readonly z.output<typeof vectorRow>[]): { templates: Template[]; damaged: DamagedVector[] } {
    const byId = new Map<number, { personId: string; kind: TemplateKind; embeddings: Embedding[] }>();
    const damaged: DamagedVector[] = [];
    for (const { id, person_id: personId, kind, embedder, ...sealed } of rows) {
      const vector = this.#vault.open(sealed, { personId, templateId: id, embedder });
      if (vector === null) {
        damaged.push({ personId, templateId: id, embedder });
        continue;
      }
      const template = byId.get(id) ?? { personId, kind, embeddings: [] };
      template.embeddings.push({ embedder, vector });
      byId.set(id, template);
    }
    return { templates: [...byId].map(([id, template]) => ({ id, ...template })), damaged };
  }

  #describeVector(personId: string, row: SealedRow, withValues: boolean): TemplateDescription["vectors"][number] {
    const { template: templateId, embedder, ciphertext } = row;
    const description = { embedder, dimensions: ciphertext.length / 4 };
    const vector = withValues ? this.#vault.open(row, { personId, templateId, embedder }) : null;
    return vector === null ? description : { ...description, values: Array.from(vector) };
  }
}

// --- internal ---

const groupNames = z.array(z.string());

function toPerson(row: z.output<typeof personRow>): Person {
  return {
    id: row.id,
    name: row.name,
    enabled: row.enabled === 1,
    groups: groupNames.parse(JSON.parse(row.groups)),
    consent: row.consent,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    openSeconds: row.open_seconds,
    ...(row.greet === null ? {} : { greet: row.greet }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    templates: row.templates,
  };
}

function toParams(person: Omit<Person, "templates">): SqlValue[] {
  return [
    person.id,
    person.name,
    person.enabled ? 1 : 0,
    JSON.stringify(person.groups),
    person.consent,
    person.validFrom,
    person.validUntil,
    person.openSeconds,
    person.greet ?? null,
    person.createdAt,
    person.updatedAt,
  ];
}
