import type { Clock } from "../../src/core/clock.ts";
import type { Timers } from "../../src/core/timers.ts";

/** Time that moves only when a test says so, with timers that fire on the way. */
export class ManualClock implements Clock, Timers {
  #nowMs: number;
  readonly #startedAt = Date.parse("2026-06-01T08:00:00Z");
  #timers: { atMs: number; callback: () => void }[] = [];

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(this.#startedAt + this.#nowMs);
  }

  after(delayMs: number, callback: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(entry);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== entry);
    };
  }

  /** Time passes while this process stands still: what falls due meanwhile runs late, with the next `advance`. */
  standStill(ms: number): void {
    this.#nowMs += ms;
  }

  advance(ms: number): void {
    const targetMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= targetMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = targetMs;
  }
}
