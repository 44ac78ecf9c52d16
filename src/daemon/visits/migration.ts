import type { Migration } from "../store/migration.ts";

/** How people are recognised, by month. `person_id` makes it part of what is shown to and removed with a person. */
export const visitMonthsMigration: Migration = {
  name: "how near entries were to the pictures, by month",
  sql: `
    CREATE TABLE visit_months (
      person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
      month TEXT NOT NULL,               -- 2031-05, UTC
      days INTEGER NOT NULL,             -- days with an entry
      last_day INTEGER NOT NULL,         -- of the month, so that a day is counted once
      distances TEXT NOT NULL,           -- JSON: entries by distance to the best picture, in hundredths
      margins TEXT NOT NULL,             -- JSON: entries by how much nearer than the runner-up, in hundredths
      PRIMARY KEY (person_id, month)
    ) STRICT;
  `,
};
