import { z } from "zod";
import type { Sqlite } from "../store/sqlite.ts";
import type { VisitMonth } from "./month.ts";

const counts = z.record(z.string().regex(/^\d{1,3}$/), z.int().positive());
const monthRow = z
  .object({
    month: z.string(),
    days: z.int(),
    last_day: z.int(),
    distances: z.string(),
    margins: z.string(),
  })
  .transform(({ month, days, last_day: lastDay, distances, margins }) => ({
    ...{ month, days, lastDay },
    distances: counts.parse(JSON.parse(distances)),
    margins: counts.parse(JSON.parse(margins)),
  }));

/** The months of everybody in the database. */
export class VisitStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** Oldest first. */
  of(personId: string): readonly VisitMonth[] {
    return this.#db.all(monthRow, "SELECT * FROM visit_months WHERE person_id = ? ORDER BY month", [personId]);
  }

  get(personId: string, month: string): VisitMonth | undefined {
    return this.#db.get(monthRow, "SELECT * FROM visit_months WHERE person_id = ? AND month = ?", [personId, month]);
  }

  /** The person must be known. */
  put(personId: string, { month, days, lastDay, distances, margins }: VisitMonth): void {
    this.#db.run(
      `INSERT INTO visit_months (person_id, month, days, last_day, distances, margins) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (person_id, month) DO UPDATE SET days = excluded.days, last_day = excluded.last_day,
         distances = excluded.distances, margins = excluded.margins`,
      [personId, month, days, lastDay, JSON.stringify(distances), JSON.stringify(margins)],
    );
  }

  forget(personId: string): void {
    this.#db.run("DELETE FROM visit_months WHERE person_id = ?", [personId]);
  }

  /** Months before this one, of everybody. */
  forgetBefore(month: string): void {
    this.#db.run("DELETE FROM visit_months WHERE month < ?", [month]);
  }
}
