import { maxFrameAgeMs } from "./types.ts";

interface Present {
  readonly person: string;
  /** When the oldest frame behind the recognition was taken. */
  readonly oldestFrameMs: number;
}

/**
 * Who stands at the door recognised and lacking nothing but company, for doors that open to two people at once. It is
 * evidence of this moment only: the other's frames must be as fresh as one's own.
 */
export class Companions {
  readonly #present = new Map<number, Present>();

  /** Whether somebody else is there now, on another track. */
  has(trackId: number, person: string, nowMs: number): boolean {
    for (const [track, other] of this.#present) {
      if (nowMs - other.oldestFrameMs > maxFrameAgeMs) this.#present.delete(track);
      else if (track !== trackId && other.person !== person) return true;
    }
    return false;
  }

  note(trackId: number, present: Present): void {
    this.#present.set(trackId, present);
  }

  forget(trackId: number): void {
    this.#present.delete(trackId);
  }

  clear(): void {
    this.#present.clear();
  }
}
