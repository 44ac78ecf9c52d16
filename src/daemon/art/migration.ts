import type { Migration } from "../store/migration.ts";

export const artMigration: Migration = {
  name: "art jobs; how a person wants to be greeted",
  sql: `
    CREATE TABLE art_jobs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      state TEXT NOT NULL CHECK (state IN ('waiting', 'painting', 'done', 'failed')),
      brief TEXT NOT NULL,               -- JSON: what is to be painted
      asked_by TEXT NOT NULL,            -- 'schedule', or who sent the request
      at_once INTEGER NOT NULL CHECK (at_once IN (0, 1)),
      deadline TEXT,                     -- ISO 8601, UTC
      created_at TEXT NOT NULL,
      ended_at TEXT,
      step INTEGER NOT NULL DEFAULT 0,   -- as of the last checkpoint
      reason TEXT,                       -- why it failed
      picture TEXT                       -- JSON: the file and what is known of it
    ) STRICT;
    CREATE INDEX art_jobs_by_state ON art_jobs (state);

    -- NULL: as the house greets.
    ALTER TABLE people ADD COLUMN greet TEXT CHECK (greet IN ('name', 'first-name', 'none'));
  `,
};
