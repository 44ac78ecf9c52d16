import { accessMigration } from "../access/migration.ts";
import { adaptationMigration } from "../adaptation/migration.ts";
import { artMigration } from "../art/migration.ts";
import { ownThresholdsMigration } from "../calibration/migration.ts";
import { auditMigration } from "../events/migration.ts";
import { fleetMigration } from "../fleet/migration.ts";
import { requestKeysMigration } from "../keys/migration.ts";
import { visitMonthsMigration } from "../visits/migration.ts";
import type { Migration } from "./migration.ts";
import { secondDescriptorMigration } from "./second-descriptor-migration.ts";

const first: Migration = {
  name: "people, templates, events, cursors, calibration",
  sql: `
    CREATE TABLE meta (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT;

    CREATE TABLE people (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
      groups TEXT NOT NULL,              -- JSON array of names
      consent TEXT,
      valid_from TEXT,                   -- ISO 8601, UTC
      valid_until TEXT,
      open_seconds INTEGER CHECK (open_seconds BETWEEN 1 AND 255),
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT;

    -- AUTOINCREMENT: an id that was ever bound into a sealed vector is never given out again.
    CREATE TABLE templates (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
      created_at TEXT NOT NULL,
      source TEXT NOT NULL,              -- who or what enrolled it; never a file or a picture
      quality TEXT NOT NULL              -- JSON: faceWidthPx, sharpness, brightness, yawDeg, pitchDeg, rollDeg
    ) STRICT;
    CREATE INDEX templates_of_person ON templates (person_id);

    CREATE TABLE template_vectors (
      template_id INTEGER NOT NULL REFERENCES templates (id) ON DELETE CASCADE,
      embedder TEXT NOT NULL,
      iv BLOB NOT NULL,
      ciphertext BLOB NOT NULL,
      tag BLOB NOT NULL,
      PRIMARY KEY (template_id, embedder)
    ) STRICT;

    CREATE TABLE events (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      time TEXT NOT NULL,
      type TEXT NOT NULL,
      json TEXT NOT NULL,                -- the fields besides seq, time and type
      hash BLOB                          -- of the chain; NULL before there is one
    ) STRICT;

    CREATE TABLE cursors (
      name TEXT PRIMARY KEY,             -- who reads the log
      seq INTEGER NOT NULL               -- the last event that is done with
    ) STRICT;

    CREATE TABLE calibration (
      id INTEGER PRIMARY KEY,
      embedder TEXT NOT NULL,
      people INTEGER NOT NULL,
      templates INTEGER NOT NULL,
      target REAL NOT NULL,
      calibrated_at TEXT NOT NULL,
      data_hash TEXT NOT NULL,
      threshold REAL NOT NULL
    ) STRICT;
  `,
};

/**
 * The schema, step by step. `PRAGMA user_version` counts the steps that were taken; a step is never changed once released,
 * a new one is appended.
 */
export const migrations: readonly Migration[] = [
  first,
  auditMigration,
  requestKeysMigration,
  accessMigration,
  ownThresholdsMigration,
  artMigration,
  secondDescriptorMigration,
  fleetMigration,
  visitMonthsMigration,
  adaptationMigration,
];
