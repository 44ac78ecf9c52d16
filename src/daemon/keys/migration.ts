import type { Migration } from "../store/migration.ts";

export const requestKeysMigration: Migration = {
  name: "request keys, replay window",
  sql: `
    CREATE TABLE request_keys (
      id TEXT PRIMARY KEY,               -- RFC 7638 thumbprint, the kid of its requests
      name TEXT NOT NULL UNIQUE,
      x TEXT NOT NULL,                   -- Ed25519 public key, base64url
      roles TEXT NOT NULL,               -- JSON array of names
      created_at TEXT NOT NULL           -- ISO 8601, UTC
    ) STRICT;

    CREATE TABLE request_marks (
      key_id TEXT NOT NULL,
      jti TEXT NOT NULL,
      issued_at_ms INTEGER NOT NULL,     -- since 1970
      PRIMARY KEY (key_id, jti)
    ) STRICT;
    CREATE INDEX request_marks_by_time ON request_marks (issued_at_ms);
    CREATE INDEX request_marks_of_key ON request_marks (key_id, issued_at_ms);

    -- Outlives its key on purpose: a key that comes back must not bring its old requests with it.
    CREATE TABLE request_floors (
      key_id TEXT PRIMARY KEY,
      floor_ms INTEGER NOT NULL
    ) STRICT;
  `,
};
