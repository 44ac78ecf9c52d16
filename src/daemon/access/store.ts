import { z } from "zod";
import type { Sqlite } from "../store/sqlite.ts";
import {
  type AccessDefinitions,
  type HolidaysDefinition,
  holidaysDefinition,
  type RuleDefinition,
  ruleDefinition,
  type ScheduleDefinition,
  scheduleDefinition,
} from "./definitions.ts";

/** Which table a definition lies in. */
export type DefinitionKind = "rule" | "schedule" | "holidays";
export type Definition = RuleDefinition | ScheduleDefinition | HolidaysDefinition;

export interface LoadedDefinitions extends AccessDefinitions {
  /** What is there and cannot be read. */
  readonly damaged: readonly { readonly kind: DefinitionKind; readonly id: string }[];
}

const tables = { rule: "access_rules", schedule: "access_schedules", holidays: "access_holidays" } as const;
const row = z.object({ id: z.string(), definition: z.string() });
const holder = z.object({ person_id: z.string(), duress: z.int() });
const entryRow = z.object({ person_id: z.string(), entered_at: z.string() });
const badgeRow = z.object({ badge: z.string() });

export interface BadgeHolder {
  readonly person: string;
  /** Held up under threat: it works as any other and raises a silent alarm. */
  readonly isDuress: boolean;
}

/** Rules, schedules, holidays and badges in the database. What they mean is the service's business. */
export class AccessStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  load(): LoadedDefinitions {
    const damaged: { kind: DefinitionKind; id: string }[] = [];
    const read = <T extends z.ZodType>(kind: DefinitionKind, schema: T): z.output<T>[] => {
      const found: z.output<T>[] = [];
      for (const { id, definition } of this.#db.all(row, `SELECT id, definition FROM ${tables[kind]} ORDER BY id`)) {
        const parsed = schema.safeParse(parseJson(definition));
        if (parsed.success) found.push(parsed.data);
        else damaged.push({ kind, id });
      }
      return found;
    };
    return {
      rules: read("rule", ruleDefinition),
      schedules: read("schedule", scheduleDefinition),
      holidays: read("holidays", holidaysDefinition),
      damaged,
    };
  }

  put(kind: DefinitionKind, definition: Definition): void {
    this.#db.run(
      `INSERT INTO ${tables[kind]} (id, definition) VALUES (?, ?)
       ON CONFLICT (id) DO UPDATE SET definition = excluded.definition`,
      [definition.id, JSON.stringify(definition)],
    );
  }

  /** False when there was none of that id. */
  remove(kind: DefinitionKind, id: string): boolean {
    return this.#db.run(`DELETE FROM ${tables[kind]} WHERE id = ?`, [id]).changes > 0;
  }

  /** Gives the badge to the person, taking it from whoever had it. The person must exist. */
  putBadge(badge: string, { person, isDuress }: BadgeHolder): void {
    this.#db.run(
      `INSERT INTO access_badges (badge, person_id, duress) VALUES (?, ?, ?)
       ON CONFLICT (badge) DO UPDATE SET person_id = excluded.person_id, duress = excluded.duress`,
      [badge, person, isDuress ? 1 : 0],
    );
  }

  /** False when nobody had it. */
  removeBadge(badge: string): boolean {
    return this.#db.run("DELETE FROM access_badges WHERE badge = ?", [badge]).changes > 0;
  }

  holderOf(badge: string): BadgeHolder | undefined {
    const found = this.#db.get(holder, "SELECT person_id, duress FROM access_badges WHERE badge = ?", [badge]);
    return found && { person: found.person_id, isDuress: found.duress === 1 };
  }

  entries(): readonly { readonly person: string; readonly at: string }[] {
    return this.#db
      .all(entryRow, "SELECT person_id, entered_at FROM access_entries")
      .map(({ person_id, entered_at }) => ({ person: person_id, at: entered_at }));
  }

  putEntry(person: string, at: string): void {
    this.#db.run(
      `INSERT INTO access_entries (person_id, entered_at) VALUES (?, ?)
       ON CONFLICT (person_id) DO UPDATE SET entered_at = excluded.entered_at`,
      [person, at],
    );
  }

  removeEntry(person: string): void {
    this.#db.run("DELETE FROM access_entries WHERE person_id = ?", [person]);
  }

  badgesOf(person: string): readonly string[] {
    return this.#db
      .all(badgeRow, "SELECT badge FROM access_badges WHERE person_id = ? ORDER BY badge", [person])
      .map(({ badge }) => badge);
  }
}

// --- internal ---

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
