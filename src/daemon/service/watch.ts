import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { ServiceManager } from "../../hal/service-manager.ts";
import { judge, statusLine, type Vitals } from "./verdict.ts";

export interface ServiceWatchOptions {
  readonly manager: ServiceManager;
  vitals(): Vitals;
  /** The lock as the door has it, for the status. */
  lock(): string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Without a watchdog the status is still kept up to date this often. */
const lookEveryMs = 2_000;
/** Looked at several times within a watchdog's time, so that one look that comes late costs nothing. */
const looksPerWatchdog = 4;

/** Tells the service manager that the daemon is ready, and from then on that it works; a bad verdict is told by silence. */
export class ServiceWatch {
  readonly #options: ServiceWatchOptions;
  #cancelLook = () => {};
  #isRunning = false;
  #complaint: string | null = null;
  #status = "";

  constructor(options: ServiceWatchOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#options.manager.tell("READY=1");
    this.#look();
  }

  /** Says that the daemon is ending; no watchdog is answered afterwards. */
  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#cancelLook();
    this.#options.manager.tell("STOPPING=1");
  }

  // --- internal ---

  #look(): void {
    const { manager, vitals, lock, clock, timers } = this.#options;
    const now = vitals();
    const verdict = judge(now, clock.nowMs());
    this.#note(verdict.ok ? null : verdict.reason);
    if (verdict.ok && manager.watchdogMs !== null) manager.tell("WATCHDOG=1");
    const status = verdict.ok ? statusLine(now, lock()) : `not well: ${verdict.reason}`;
    if (status !== this.#status) manager.tell(`STATUS=${status}`);
    this.#status = status;
    const everyMs = Math.min(lookEveryMs, (manager.watchdogMs ?? Number.POSITIVE_INFINITY) / looksPerWatchdog);
    this.#cancelLook = timers.after(everyMs, () => this.#look());
  }

  #note(complaint: string | null): void {
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    const { logger } = this.#options;
    if (complaint === null) logger.info({}, "the daemon is well again");
    else logger.error({ reason: complaint }, "the daemon is not well; the watchdog is not answered");
  }
}
