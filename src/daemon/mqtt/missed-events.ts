import type { Logger } from "../../core/logger.ts";

/** Events by number, both ends included. */
export interface SeqRange {
  readonly from: number;
  readonly through: number;
}

/** How delivery to the broker stands; part of `health`. */
export interface DeliveryStatus {
  /** Every event up to this number has been acknowledged. */
  readonly deliveredSeq: number;
  /** What retention removed before the broker could be told, since the start; null: nothing. */
  readonly missed: (SeqRange & { readonly events: number }) | null;
  /** Why nothing is delivered though the broker is there; null: all is well. */
  readonly problem: string | null;
}

/** Counts what the broker will never be told. A range found again after a reconnect counts once. */
export class MissedEvents {
  readonly #logger: Logger;
  #summary: DeliveryStatus["missed"] = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get summary(): DeliveryStatus["missed"] {
    return this.#summary;
  }

  add({ from, through }: SeqRange): void {
    const before = this.#summary;
    const fresh = through - Math.max(from - 1, before?.through ?? 0);
    if (fresh <= 0) return;
    this.#summary = { from: before?.from ?? from, through, events: (before?.events ?? 0) + fresh };
    this.#logger.warn({ from, through }, "events were removed by age before the broker was told of them");
  }
}
