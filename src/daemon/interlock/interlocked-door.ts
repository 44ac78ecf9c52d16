import type { Logger } from "../../core/logger.ts";
import type { Door, DoorMode, DoorState, UnlockAnswer } from "../api.ts";
import type { Interlock } from "./service.ts";

/**
 * The door as the rest of the daemon sees it where others must be shut meanwhile: whoever asks it to open, it opens only
 * while they have agreed, and it never stands unlocked for longer than one passing.
 */
export class InterlockedDoor implements Door {
  readonly #door: Door;
  readonly #interlock: Pick<Interlock, "use" | "withdraw">;
  readonly #logger: Logger;

  constructor(options: { door: Door; interlock: Pick<Interlock, "use" | "withdraw">; logger: Logger }) {
    this.#door = options.door;
    this.#interlock = options.interlock;
    this.#logger = options.logger;
  }

  get state(): DoorState {
    return this.#door.state;
  }

  unlock(seconds: number | undefined, by: Parameters<Door["unlock"]>[1]): UnlockAnswer {
    // First, so that nothing the door says while it opens finds the claim unused.
    return this.#interlock.use() ? this.#door.unlock(seconds, by) : { ok: false, reason: "interlock" };
  }

  /** Also calls off what is being asked for: an order to lock must not be followed by the opening it came to prevent. */
  lock(by: string): void {
    this.#interlock.withdraw();
    this.#door.lock(by);
  }

  /** Passage is refused: nobody could ever pass the other doors. */
  setMode(mode: DoorMode, by: string): void {
    if (mode === "passage") {
      this.#logger.warn({ by }, "no passage mode at an interlocked door");
      return;
    }
    this.#interlock.withdraw();
    this.#door.setMode(mode, by);
  }

  acknowledge(alarm: string, by: string): boolean {
    return this.#door.acknowledge(alarm, by);
  }

  subscribe(listener: (state: DoorState) => void): () => void {
    return this.#door.subscribe(listener);
  }
}
