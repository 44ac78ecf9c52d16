import type { Clock } from "../../core/clock.ts";
import type { Timers } from "../../core/timers.ts";

export interface FleetMessage {
  readonly kind: "roster" | "person" | "door";
  readonly id: string;
  readonly payload: Uint8Array;
}

/** Messages taken out at once. */
const batchSize = 64;
const maxWaitingBytes = 64 * 1024 * 1024;
const pollMs = 10;

/** What came from the broker and waits to be looked at: in order, a batch at a time, bounded. */
export class Inbox {
  readonly #clock: Clock;
  readonly #timers: Timers;
  #waiting: FleetMessage[] = [];
  #waitingBytes = 0;
  #lastAtMs = 0;
  #isBusy = false;

  constructor({ clock, timers }: { clock: Clock; timers: Timers }) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /** False when it is full: the message is lost to us. */
  add(message: FleetMessage): boolean {
    this.#lastAtMs = this.#clock.nowMs();
    if (this.#waitingBytes + message.payload.length > maxWaitingBytes) return false;
    this.#waiting.push(message);
    this.#waitingBytes += message.payload.length;
    return true;
  }

  /** The next batch; empty when there is none. Until it is called again, that batch is being worked on. */
  take(): readonly FleetMessage[] {
    const batch = this.#waiting.splice(0, batchSize);
    for (const { payload } of batch) this.#waitingBytes -= payload.length;
    this.#isBusy = batch.length > 0;
    return batch;
  }

  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Resolves when nothing waits and nothing has come for so long; false when `isOver` says so first. */
  async quiet(quietMs: number, isOver: () => boolean): Promise<boolean> {
    this.#lastAtMs = this.#clock.nowMs();
    for (;;) {
      if (isOver()) return false;
      const isIdle = this.#waiting.length === 0 && !this.#isBusy;
      if (isIdle && this.#clock.nowMs() - this.#lastAtMs >= quietMs) return true;
      await new Promise<void>((resolve) => void this.#timers.after(pollMs, resolve));
    }
  }
}
