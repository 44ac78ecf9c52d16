import { onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { type AuditKey, openAuditKey } from "../../src/daemon/events/audit-key.ts";
import { SqliteEventLog } from "../../src/daemon/events/event-log.ts";
import { EventStore } from "../../src/daemon/events/event-store.ts";
import { Retention, type RetentionOptions } from "../../src/daemon/events/retention.ts";
import { type ChainReport, type VerifyOptions, verifyChain } from "../../src/daemon/events/verify.ts";
import { openDatabase } from "../../src/daemon/store/database.ts";
import type { Sqlite } from "../../src/daemon/store/sqlite.ts";
import { FakeTime } from "./fake-time.ts";
import { temporaryStateDirectory } from "./state-directory.ts";

export const dayMs = 24 * 60 * 60 * 1000;

/** An audit log in a real database, with somebody who may alter it behind its back. */
export interface AuditKit {
  readonly directory: string;
  readonly db: Sqlite;
  readonly time: FakeTime;
  readonly log: SqliteEventLog;
  readonly store: EventStore;
  readonly key: AuditKey;
  /** Writes events one second apart. */
  append(count: number): void;
  verify(options?: Partial<VerifyOptions>): ChainReport;
  retention(options?: Partial<RetentionOptions>): Retention;
  /** Changes the tables past the guards of the schema, as an editor of the file would. */
  tamper(sql: string): void;
}

export function auditKit(directory = temporaryStateDirectory()): AuditKit {
  const db = openDatabase({ stateDirectory: directory, logger: silentLogger });
  onTestFinished(() => db.close());
  const time = new FakeTime();
  const log = new SqliteEventLog({ db, clock: time, logger: silentLogger, timers: time });
  const store = new EventStore(db);
  const key = openAuditKey({ stateDirectory: directory, credentialsDirectory: undefined }, silentLogger);
  return {
    ...{ directory, db, time, log, store, key },
    append: (count) => {
      db.transaction(() => {
        for (let i = 0; i < count; i++) {
          log.append("granted", { person: "dana", distance: 0.31, n: i });
          time.jump(1000);
        }
      });
    },
    verify: (options) => verifyChain({ store, trustedKeys: [key.publicKey], ...options }),
    retention: (options) =>
      new Retention({
        ...{ db, events: log, key, retentionDays: 90, clock: time, timers: time, logger: silentLogger },
        ...options,
      }),
    tamper: (sql) => db.exec(`DROP TRIGGER IF EXISTS events_never_change; DROP TRIGGER IF EXISTS events_stay; ${sql}`),
  };
}
