import type { Migration } from "../store/migration.ts";

/** Who may enter and when. Definitions are JSON, checked when they are read; badges leave with their person. */
export const accessMigration: Migration = {
  name: "access rules, schedules, holidays, badges",
  sql: `
    CREATE TABLE access_rules (
      id TEXT PRIMARY KEY,
      definition TEXT NOT NULL
    ) STRICT;

    CREATE TABLE access_schedules (
      id TEXT PRIMARY KEY,
      definition TEXT NOT NULL
    ) STRICT;

    CREATE TABLE access_holidays (
      id TEXT PRIMARY KEY,
      definition TEXT NOT NULL
    ) STRICT;

    CREATE TABLE access_badges (
      badge TEXT PRIMARY KEY,            -- letters and digits only, upper case
      person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
      duress INTEGER NOT NULL DEFAULT 0 CHECK (duress IN (0, 1))
    ) STRICT;
    CREATE INDEX access_badges_of_person ON access_badges (person_id);

    CREATE TABLE access_entries (
      person_id TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
      entered_at TEXT NOT NULL           -- ISO 8601, UTC
    ) STRICT;
  `,
};
