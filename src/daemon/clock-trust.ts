import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Timers } from "../core/timers.ts";
import type { EventLog } from "./api.ts";
import type { Sqlite } from "./store/sqlite.ts";

/** The section `clock` of the configuration. */
export const clockConfig = z.strictObject({
  requireSync: z
    .boolean()
    .default(true)
    .describe(
      "Trust the time only once the system says it is synchronised; false for a battery clock without network.",
    ),
});

/** Whether the system clock is synchronised; `unknown` where nothing on this machine can say so. */
export type Synchronised = "yes" | "no" | "unknown";

/** Why the clock is not trusted. */
export type ClockProblem = "not-asked-yet" | "implausible" | "not-synchronised" | "before-newest-event";

export interface ClockTrustOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly requireSync: boolean;
  readonly events: Pick<EventLog, "subscribe">;
  /** Time of the newest event of the log, ISO 8601; undefined for an empty log. */
  readonly newestEventTime: string | undefined;
  /** Absent: asks the system. */
  readonly askSystem?: () => Promise<Synchronised>;
}

const earliestYear = 2025;
const latestYear = 2100;
/** The clock may be set back by this much without a word: that is what a synchronisation does. */
const stepBackMs = 5_000;
const askAgainMs = 60_000;
const askSoonerMs = 5_000;

/**
 * May anything depend on the wall clock now? Not before the year is plausible, the system says that it is synchronised
 * (where it can say), and the time is not before the newest event that was seen: a clock that was set back would bring
 * old requests and past permissions back to life.
 */
export class ClockTrust {
  readonly #options: ClockTrustOptions;
  #synchronised: Synchronised | "not-asked-yet" = "not-asked-yet";
  #newestEventMs: number;
  #isRunning = false;
  #callOff: () => void = () => {};
  #unsubscribe: () => void = () => {};

  constructor(options: ClockTrustOptions) {
    this.#options = options;
    this.#newestEventMs = msOf(options.newestEventTime);
  }

  /** Asks the system now and from time to time. Until it has answered the clock is not trusted. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#unsubscribe = this.#options.events.subscribe(({ time }) => {
      this.#newestEventMs = Math.max(this.#newestEventMs, msOf(time));
    });
    this.#ask();
  }

  stop(): void {
    this.#isRunning = false;
    this.#callOff();
    this.#unsubscribe();
  }

  isClockTrusted(): boolean {
    return this.problem === null;
  }

  /** Judged anew at each call: the clock may be set at any moment. */
  get problem(): ClockProblem | null {
    const now = this.#options.clock.date();
    const year = now.getUTCFullYear();
    if (!(year >= earliestYear && year < latestYear)) return "implausible";
    if (now.getTime() < this.#newestEventMs - stepBackMs) return "before-newest-event";
    if (!this.#options.requireSync) return null;
    if (this.#synchronised === "not-asked-yet") return "not-asked-yet";
    return this.#synchronised === "no" ? "not-synchronised" : null;
  }

  // --- internal ---

  #ask(): void {
    if (!this.#options.requireSync) return;
    const ask = this.#options.askSystem ?? askSystem;
    ask()
      .catch((): Synchronised => "no")
      .then((answer) => this.#answered(answer));
  }

  #answered(answer: Synchronised): void {
    if (!this.#isRunning) return;
    if (answer !== this.#synchronised) {
      const { logger } = this.#options;
      if (answer === "no")
        logger.warn({}, "the clock is not synchronised: signed requests and timed rules wait for it");
      else logger.info({ synchronised: answer }, "clock");
    }
    this.#synchronised = answer;
    this.#callOff = this.#options.timers.after(answer === "no" ? askSoonerMs : askAgainMs, () => this.#ask());
  }
}

/** Time of the newest event in the database, ISO 8601. */
export function newestEventTime(db: Sqlite): string | undefined {
  return db.get(z.object({ time: z.string() }), "SELECT time FROM events ORDER BY seq DESC LIMIT 1")?.time;
}

/**
 * What systemd knows: the mark of its own time service, else the kernel's flag as `timedatectl` reports it (which also
 * covers chrony and ntpd). A machine without either cannot say.
 */
export async function askSystem(): Promise<Synchronised> {
  if (existsSync("/run/systemd/timesync/synchronized")) return "yes";
  return new Promise((resolve) => {
    const args = ["show", "--property=NTPSynchronized", "--value"];
    // It would tell our service manager about itself.
    const { NOTIFY_SOCKET: _, ...env } = process.env;
    execFile("timedatectl", args, { timeout: 3000, env }, (error, stdout) => {
      const answer = error ? "" : stdout.trim();
      resolve(answer === "yes" || answer === "no" ? answer : "unknown");
    });
  });
}

// --- internal ---

function msOf(time: string | undefined): number {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : ms;
}
