import type { Migration } from "../store/migration.ts";

export const fleetMigration: Migration = {
  name: "fleet: records of the site, other doors",
  sql: `
    -- No column person_id on purpose: what is here outlives the person and holds nothing of them. A topic id is a keyed hash.
    CREATE TABLE fleet_records (
      topic TEXT PRIMARY KEY,
      life INTEGER NOT NULL,
      version INTEGER NOT NULL,
      removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
      door TEXT NOT NULL,                -- who wrote it
      digest TEXT NOT NULL,              -- SHA-256 of what was signed, base64url
      state TEXT NOT NULL CHECK (state IN ('held', 'waiting', 'left', 'removed')),
      updated_at TEXT,                   -- of the person when held: another one here means a change of ours
      jws TEXT,                          -- held: detached signature; removed: whole
      sealed TEXT,                       -- waiting: the message as it came, sealed
      message TEXT,                      -- SHA-256 of the message it came in: the same once more need not be opened
      step INTEGER NOT NULL              -- of the root that first had it
    ) STRICT;
    CREATE INDEX fleet_records_by_state ON fleet_records (state);

    CREATE TABLE fleet_doors (
      door TEXT PRIMARY KEY,
      json TEXT NOT NULL                 -- the newest that the door said of itself
    ) STRICT;

    CREATE TABLE fleet_roots (
      step INTEGER PRIMARY KEY,
      root TEXT NOT NULL
    ) STRICT;

    CREATE TABLE fleet_state (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT;
  `,
};
