import type { Vote } from "./track-case.ts";
import type { Entry } from "./types.ts";

/** What a recognised face lacks: which second factor would do, or somebody else beside. */
export type Needs = NonNullable<Extract<Entry, { ok: false }>["needs"]> | "company";

/** The refusal that a wait becomes when its time is over. */
export function refusalOf({ needs }: FactorWait): "second-factor-missing" | "two-person-waiting" {
  return needs === "company" ? "two-person-waiting" : "second-factor-missing";
}

export interface FactorWait {
  readonly trackId: number;
  readonly person: string;
  readonly needs: Needs;
  /** When the face was first recognised; the window for the second factor is counted from here. */
  readonly sinceMs: number;
  /** The recognition it started with, for the record only: nothing is ever granted on it. */
  readonly vote: Vote;
}

/**
 * Faces that are recognised and wait for their badge, or for company. Nothing is remembered in their favour: each new sighting is judged
 * from the start, and the badge only completes what fresh frames show.
 */
export class FactorWaits {
  readonly #waitMs: number;
  readonly #waits = new Map<number, FactorWait>();

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Since when the person on this track is recognised; now, when nobody waits there under that name. */
  sinceMs(trackId: number, person: string, nowMs: number): number {
    const wait = this.#waits.get(trackId);
    return wait?.person === person ? wait.sinceMs : nowMs;
  }

  /** Lets the face wait, or go on waiting. False once its time is over. */
  keep(wait: FactorWait, nowMs: number): boolean {
    if (nowMs - wait.sinceMs > this.#waitMs) return false;
    this.#waits.set(wait.trackId, wait);
    return true;
  }

  /** Ends the wait of a track and says what it was. */
  end(trackId: number): FactorWait | undefined {
    const wait = this.#waits.get(trackId);
    this.#waits.delete(trackId);
    return wait;
  }

  /** Ends and returns those whose time is over. */
  takeOverdue(nowMs: number): readonly FactorWait[] {
    const overdue = [...this.#waits.values()].filter(({ sinceMs }) => nowMs - sinceMs > this.#waitMs);
    for (const { trackId } of overdue) this.#waits.delete(trackId);
    return overdue;
  }

  clear(): void {
    this.#waits.clear();
  }
}
