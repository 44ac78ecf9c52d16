import type { Migration } from "../store/migration.ts";

/** Adapted templates are templates, so that whatever seals, shows, copies or removes these does so with them. */
export const adaptationMigration: Migration = {
  name: "templates that were adapted",
  sql: `
    ALTER TABLE templates ADD COLUMN kind TEXT NOT NULL DEFAULT 'enrolled'
      CHECK (kind IN ('enrolled', 'candidate', 'adapted'));

    CREATE TABLE adaptations (
      template_id INTEGER PRIMARY KEY REFERENCES templates (id) ON DELETE CASCADE,
      person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
      since TEXT NOT NULL,               -- day on which it was seen, UTC
      confirmed INTEGER NOT NULL,        -- later days on which the same look came
      last_day TEXT NOT NULL,            -- the last of them
      adapted_on TEXT                    -- day on which it became a template; NULL: a candidate
    ) STRICT;
    CREATE INDEX adaptations_of_person ON adaptations (person_id);
  `,
};
