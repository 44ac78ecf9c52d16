import type { BadgeReading } from "../access/second-factor.ts";
import type { Vote } from "./track-case.ts";
import type { Entry } from "./types.ts";

/** What a recognised face lacks: which second factor would do, somebody else beside, or that other doors are shut. */
export type Needs = NonNullable<Extract<Entry, { ok: false }>["needs"]> | "company" | "other-doors";

/** The refusal that a wait becomes when its time is over. */
export function refusalOf({ needs }: FactorWait): "second-factor-missing" | "two-person-waiting" | "interlock" {
  if (needs === "other-doors") return "interlock";
  return needs === "company" ? "two-person-waiting" : "second-factor-missing";
}

/** What a recognised person still lacks that may come while they stand there. */
export function needsOf(entry: Entry): Needs | null {
  if (entry.ok) return null;
  return entry.reason === "two-person-waiting" ? "company" : entry.needs;
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
  /** Wrong badges held up during a wait: each counts once. */
  readonly #wrong = new Map<number, Set<string>>();

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
    this.#wrong.delete(trackId);
    return wait;
  }

  /**
   * Whose failure a badge is: of the one person who waits for a badge, when it is not theirs and was not held up in this
   * wait before. Null where several wait, for nobody can say whose it was. `isHere`: who has gone cannot have held it up.
   */
  failedBy({ person, badge }: BadgeReading, isHere: (trackId: number) => boolean): string | null {
    const waiting = [...this.#waits.values()].filter(
      ({ needs, trackId }) => (needs === "badge" || needs === "any") && isHere(trackId),
    );
    const [only] = waiting;
    if (only === undefined || waiting.some((wait) => wait.person !== only.person)) return null;
    const wrong = this.#wrong.get(only.trackId) ?? new Set<string>();
    if (person === only.person || wrong.has(badge)) return null;
    this.#wrong.set(only.trackId, wrong.add(badge));
    return only.person;
  }

  /** Whether a wrong badge was counted in the wait of this track already. */
  hasFailed(trackId: number): boolean {
    return this.#wrong.has(trackId);
  }

  /** Ends and returns those whose time is over. */
  takeOverdue(nowMs: number): readonly FactorWait[] {
    const overdue = [...this.#waits.values()].filter(({ sinceMs }) => nowMs - sinceMs > this.#waitMs);
    for (const { trackId } of overdue) this.#waits.delete(trackId);
    return overdue;
  }

  clear(): void {
    this.#waits.clear();
    this.#wrong.clear();
  }
}
