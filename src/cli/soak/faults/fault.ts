import type { SoakHouse } from "../house.ts";

/** Something that breaks. */
export interface Fault {
  readonly name: string;
  /** The control plane itself ends and is started again. */
  readonly endsDaemon: boolean;
  /** From the end of the fault (or the kill) to a door that answers: milliseconds. */
  readonly answersWithinMs: number;
  /** Why it cannot be had here; null: it can. */
  unavailable?(house: SoakHouse): string | null;
  /**
   * Breaks it, looks that the door does what it must meanwhile, and mends it. Gives back when the wait for the door began,
   * monotonic milliseconds, and what was seen. Throws when something was not as it must be.
   */
  run(house: SoakHouse): Promise<FaultOutcome>;
}

export interface FaultOutcome {
  readonly mendedMs: number;
  readonly saw: string;
}
