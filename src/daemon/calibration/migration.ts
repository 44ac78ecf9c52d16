import type { Migration } from "../store/migration.ts";

/** Stricter thresholds of single people. `person_id` makes them part of what is shown to and removed with a person. */
export const ownThresholdsMigration: Migration = {
  name: "thresholds of people who have a look-alike",
  sql: `
    CREATE TABLE own_thresholds (
      person_id TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
      threshold REAL NOT NULL,
      calibrated_at TEXT NOT NULL
    ) STRICT;
  `,
};
