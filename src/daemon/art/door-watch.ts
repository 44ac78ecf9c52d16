import type { Clock } from "../../core/clock.ts";
import type { Timers } from "../../core/timers.ts";

/** Whoever must not compete with a person at the door. */
export interface YieldsToDoor {
  /** A face was seen: stop at once. */
  stop(): void;
  /** The door has been without a face for a while: go on. */
  goOn(): void;
}

/** How long after the last face work goes on again. */
export const quietAfterMs = 5000;

/**
 * Whether somebody is at the door. A face that stays is seen at least once a second, so the last sighting says it all: no
 * lost message can leave it busy for ever.
 */
export class DoorWatch {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #yielding: YieldsToDoor;
  #isBusy = false;
  #seenMs = Number.NEGATIVE_INFINITY;
  #callOff: () => void = () => {};

  constructor(parts: { readonly clock: Clock; readonly timers: Timers; readonly yielding: YieldsToDoor }) {
    this.#clock = parts.clock;
    this.#timers = parts.timers;
    this.#yielding = parts.yielding;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** A face is in view, wanted or not. Called for each frame: cheap. */
  sighted(): void {
    this.#seenMs = this.#clock.nowMs();
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#yielding.stop();
    this.#wait();
  }

  stop(): void {
    this.#callOff();
  }

  // --- internal ---

  #wait(): void {
    this.#callOff = this.#timers.after(this.#seenMs + quietAfterMs - this.#clock.nowMs(), () => {
      if (this.#clock.nowMs() < this.#seenMs + quietAfterMs) return this.#wait();
      this.#isBusy = false;
      this.#yielding.goOn();
    });
  }
}
