import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { Audit, AuditReport } from "../api.ts";
import type { Sqlite } from "../store/sqlite.ts";
import type { AuditKey } from "./audit-key.ts";
import type { EventLogStatus, SqliteEventLog } from "./event-log.ts";
import { EventStore } from "./event-store.ts";
import { Retention, type RetentionStatus } from "./retention.ts";
import { ChainWalk } from "./verify.ts";

export interface AuditOptions {
  readonly db: Sqlite;
  readonly events: SqliteEventLog;
  readonly key: AuditKey;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** After events were removed. */
  scrub(): void;
}

/** The audit log as `health` shows it. */
export interface AuditStatus extends EventLogStatus {
  /** Public half of the key that signs checkpoints. */
  readonly key: string;
  readonly retention: RetentionStatus;
}

/** What keeps the event log an audit log: its retention, its verification, its standing. */
export class AuditService implements Audit {
  readonly #options: AuditOptions;
  readonly #store: EventStore;
  readonly #retention: Retention;
  #isClockTrusted: () => boolean = () => true;
  #verifying: Promise<AuditReport> | undefined;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#store = new EventStore(options.db);
    this.#retention = new Retention({ ...options, isClockTrusted: () => this.#isClockTrusted() });
  }

  /** Begins to remove old events, while the clock is to be believed. */
  start(isClockTrusted: () => boolean): void {
    this.#isClockTrusted = isClockTrusted;
    this.#retention.start();
  }

  stop(): void {
    this.#retention.stop();
  }

  get status(): AuditStatus {
    return { ...this.#options.events.status, key: this.#options.key.publicKey, retention: this.#retention.status };
  }

  /** Slice by slice between other things; whoever asks while one runs gets the same answer. */
  verify(): Promise<AuditReport> {
    this.#verifying ??= this.#walk().finally(() => {
      this.#verifying = undefined;
    });
    return this.#verifying;
  }

  // --- internal ---

  async #walk(): Promise<AuditReport> {
    const { seq, hash } = this.#options.events.status;
    const walk = new ChainWalk({
      store: this.#store,
      trustedKeys: [this.#options.key.publicKey],
      expected: { seq, hash },
      rowsAtOnce: 500,
    });
    while (walk.step()) await new Promise((resolve) => setImmediate(resolve));
    return walk.report();
  }
}
