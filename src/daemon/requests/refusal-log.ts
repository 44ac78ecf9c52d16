import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { EventLog, RequestOrigin } from "../api.ts";
import { isAudited, oneLine } from "./handler.ts";

export interface Refusal {
  readonly request: string;
  readonly reason: string;
  readonly origin: RequestOrigin;
  /** One of a fixed set of words for what has a bound of its own, so that a flood of one kind hides no other. */
  readonly kind?: string | undefined;
}

const maxPerMinute = 10;
const windowMs = 60_000;

/**
 * Writes refused requests to the event log (those that touch the door, people or rules, and all that failed to prove who
 * sent them) and to the service log, at most ten a minute of each kind: somebody who floods us must not fill the disk. What was left out is counted, and the count
 * stands in the next record.
 */
export class RefusalLog {
  readonly #events: EventLog;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #limiters = new Map<string, Limiter>();

  constructor(options: { events: EventLog; clock: Clock; logger: Logger }) {
    this.#events = options.events;
    this.#clock = options.clock;
    this.#log = options.logger;
  }

  add(refusal: Refusal): void {
    const { kind, origin } = refusal;
    const isRecorded = isAudited(refusal.request) || kind !== undefined || origin.roles !== undefined;
    const suppressed = this.#limiter(kind ?? (isRecorded ? "recorded" : "other")).pass(this.#clock.nowMs());
    if (suppressed === undefined) return;
    const fields = {
      request: oneLine(refusal.request, 100),
      reason: oneLine(refusal.reason, 200),
      transport: refusal.origin.transport,
      by: refusal.origin.name,
      ...(suppressed > 0 ? { suppressed } : {}),
    };
    this.#log.warn(fields, "request refused");
    if (isRecorded) this.#events.append("request-refused", fields);
  }

  // --- internal ---

  #limiter(kind: string): Limiter {
    const limiter = this.#limiters.get(kind) ?? new Limiter();
    this.#limiters.set(kind, limiter);
    return limiter;
  }
}

// --- internal ---

class Limiter {
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #inWindow = 0;
  #suppressed = 0;

  /** How many were left out before this one, or undefined when this one is left out too. */
  pass(nowMs: number): number | undefined {
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs;
      this.#inWindow = 0;
    }
    if (this.#inWindow >= maxPerMinute) {
      this.#suppressed += 1;
      return undefined;
    }
    this.#inWindow += 1;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}
