import type { Clock } from "../../src/core/clock.ts";
import type { Timers } from "../../src/core/timers.ts";

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock that stands still until told, and the timers that go with it. Wall-clock time runs along from a fixed date. */
export class FakeTime implements Clock, Timers {
  #nowMs: number;
  #waiting = new Set<Waiting>();

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  readonly nowMs = (): number => this.#nowMs;

  readonly date = (): Date => new Date(Date.UTC(2030, 0, 1) + this.#nowMs);

  after(delayMs: number, run: () => void): () => void {
    const waiting = { dueMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)), run };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Moves time on, running each timer at its due time and letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#waiting.delete(next);
      next.run();
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }

  /** Moves the clock on without running any timer: a process that stood still. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  #next(endMs: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.dueMs <= endMs && (!first || waiting.dueMs < first.dueMs)) first = waiting;
    }
    return first;
  }
}

/** Lets everything that waits for settled promises run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
