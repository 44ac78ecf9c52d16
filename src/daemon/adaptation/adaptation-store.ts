import { z } from "zod";
import type { Sqlite } from "../store/sqlite.ts";

/** A template that nobody enrolled. Days as `2031-05-04`. */
export interface AdaptedTemplate {
  readonly template: number;
  readonly person: string;
  readonly since: string;
  readonly confirmed: number;
  readonly lastDay: string;
  /** Null: a candidate, which is compared with nobody at the door. */
  readonly adaptedOn: string | null;
}

const row = z
  .object({
    template_id: z.int(),
    person_id: z.string(),
    since: z.string(),
    confirmed: z.int(),
    last_day: z.string(),
    adapted_on: z.string().nullable(),
  })
  .transform(({ template_id, person_id, since, confirmed, last_day, adapted_on }) => ({
    ...{ template: template_id, person: person_id, since, confirmed, lastDay: last_day, adaptedOn: adapted_on },
  }));

/** How far each adapted template has come; the templates themselves are with the others. */
export class AdaptationStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** Everybody's, or one person's; by person, the oldest first. */
  list(person?: string): readonly AdaptedTemplate[] {
    const of = person === undefined ? "" : "WHERE person_id = ?";
    const order = "ORDER BY person_id, adapted_on, template_id";
    return this.#db.all(row, `SELECT * FROM adaptations ${of} ${order}`, person === undefined ? [] : [person]);
  }

  propose(template: number, person: string, day: string): void {
    this.#db.run(
      "INSERT INTO adaptations (template_id, person_id, since, confirmed, last_day) VALUES (?, ?, ?, 0, ?)",
      [template, person, day, day],
    );
  }

  confirm(template: number, day: string): void {
    this.#db.run("UPDATE adaptations SET confirmed = confirmed + 1, last_day = ? WHERE template_id = ?", [
      day,
      template,
    ]);
  }

  /** From here on it counts. Part of a transaction. */
  adopt(template: number, day: string): void {
    this.confirm(template, day);
    this.#db.run("UPDATE adaptations SET adapted_on = ? WHERE template_id = ?", [day, template]);
    this.#db.run("UPDATE templates SET kind = 'adapted' WHERE id = ?", [template]);
  }

  /** The template with its vectors. */
  remove(template: number): void {
    this.#db.run("DELETE FROM templates WHERE id = ? AND kind <> 'enrolled'", [template]);
  }
}
