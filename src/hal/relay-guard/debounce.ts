import type { Timers } from "../../core/timers.ts";
import type { LineEdge } from "../api.ts";

export interface DebounceOptions {
  /** How much longer the new level must have been there than the old one; 0 passes every edge on. */
  readonly debounceMs: number;
  readonly timers: Timers;
  /** A change that counts, with the stamp of its first edge. */
  onChange(isActive: boolean, atMs: number): void;
}

/** One round of the event loop, in which waiting edges are read. */
const pollMs = 1;

/**
 * Takes the bounce out of one input with an integrator (K. Kuhn's debouncing algorithm, in continuous time): time at the
 * new level counts up, time back at the old level counts down, and the change is real when the count reaches
 * `debounceMs`. It works on the stamps of the edges, so that a process that stood still and reads a whole press late
 * still sees it. A level that rests for `debounceMs` is never missed, however it bounced before.
 */
export class Debouncer {
  readonly #options: DebounceOptions;
  #reported: boolean;
  #raw: boolean;
  /** When the count was last brought up to date, by the stamps of the line. */
  #countedAtMs: number;
  #countMs = 0;
  /** Stamp of the edge with which the present change began. */
  #beganAtMs = 0;
  #cancelTimer = () => {};

  /** The input as it is now; nothing is reported for it. */
  constructor(options: DebounceOptions, level: { readonly isActive: boolean; readonly atMs: number }) {
    this.#options = options;
    this.#reported = level.isActive;
    this.#raw = level.isActive;
    this.#countedAtMs = level.atMs;
  }

  /** An edge of the line, in the order of the chip. A stamp before the last one counts as the last one. */
  edge({ isActive, atMs }: Pick<LineEdge, "isActive" | "atMs">): void {
    this.#count(atMs);
    this.#raw = isActive;
    if (isActive !== this.#reported && this.#countMs === 0) this.#beganAtMs = this.#countedAtMs;
    this.#settle();
  }

  stop(): void {
    this.#cancelTimer();
  }

  // --- internal ---

  #count(atMs: number): void {
    const restedMs = Number.isFinite(atMs) ? Math.max(0, atMs - this.#countedAtMs) : 0;
    this.#countedAtMs += restedMs;
    if (this.#raw === this.#reported) {
      this.#countMs = Math.max(0, this.#countMs - restedMs);
      return;
    }
    this.#countMs += restedMs;
    if (this.#countMs >= this.#options.debounceMs) this.#report();
  }

  #settle(): void {
    this.#cancelTimer();
    if (this.#raw === this.#reported) return;
    const missingMs = this.#options.debounceMs - this.#countMs;
    if (missingMs <= 0) return this.#report();
    const dueMs = this.#countedAtMs + missingMs;
    const { timers } = this.#options;
    this.#cancelTimer = timers.after(missingMs, () => {
      // A process that was late has edges waiting that happened before; they come first.
      this.#cancelTimer = timers.after(pollMs, () => {
        this.#count(dueMs);
        this.#settle();
      });
    });
  }

  #report(): void {
    this.#cancelTimer();
    this.#reported = this.#raw;
    this.#countMs = 0;
    this.#options.onChange(this.#raw, this.#beganAtMs);
  }
}
