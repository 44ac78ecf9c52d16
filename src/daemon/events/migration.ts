import type { Migration } from "../store/migration.ts";

/**
 * The log can only grow: a hashed event is never changed, and none is deleted before a checkpoint covers it. That keeps
 * our own mistakes out; whoever has the file in his hands is found by the chain.
 */
export const auditMigration: Migration = {
  name: "audit log: checkpoints, append-only",
  sql: `
    CREATE TABLE event_checkpoints (
      through_seq INTEGER PRIMARY KEY,   -- the last event that was removed
      json TEXT NOT NULL,                -- canonical JSON of the checkpoint
      signature BLOB NOT NULL            -- Ed25519 over it
    ) STRICT;

    CREATE TRIGGER events_never_change BEFORE UPDATE ON events WHEN OLD.hash IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the event log can only grow'); END;

    CREATE TRIGGER events_stay BEFORE DELETE ON events
    WHEN OLD.seq > (SELECT coalesce(max(through_seq), 0) FROM event_checkpoints)
    BEGIN SELECT RAISE(ABORT, 'an event goes only with a checkpoint'); END;
  `,
};
