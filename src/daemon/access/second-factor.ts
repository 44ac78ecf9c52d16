import type { Clock } from "../../core/clock.ts";
import type { FactorKind } from "./rules.ts";

/** Evidence that somebody is at the door, from a badge reader or a presence service. */
export interface FactorEvent {
  readonly kind: FactorKind;
  readonly person: string;
}

/** Where such evidence goes. */
export interface FactorSink {
  shown(event: FactorEvent): void;
}

/** A badge was held to the reader. */
export interface BadgeReading {
  /** Whose it is; null: nobody's that the door knows. */
  readonly person: string | null;
  /** The number, or the name that the reader gave: to tell one reading from another, never to be written down. */
  readonly badge: string;
}

/** How long before and after the face is first recognised a second factor counts, in milliseconds. */
export interface FactorWindow {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/**
 * Remembers who showed a second factor lately, on the monotonic clock: it holds whether or not the time of day is known.
 * One showing opens once.
 */
export class SecondFactors implements FactorSink {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #window: FactorWindow;
  readonly #shownAtMs = new Map<string, Map<FactorKind, number>>();

  constructor({ clock, window }: { clock: Pick<Clock, "nowMs">; window: FactorWindow }) {
    this.#clock = clock;
    this.#window = window;
  }

  shown({ kind, person }: FactorEvent): void {
    this.#forgetOld();
    const kinds = this.#shownAtMs.get(person) ?? new Map<FactorKind, number>();
    kinds.set(kind, this.#clock.nowMs());
    this.#shownAtMs.set(person, kinds);
  }

  /** What counts for a face that was first recognised at `faceSinceMs`. */
  seen(person: string, faceSinceMs: number): ReadonlySet<FactorKind> {
    const { beforeMs, afterMs } = this.#window;
    const kinds = new Set<FactorKind>();
    for (const [kind, atMs] of this.#shownAtMs.get(person) ?? []) {
      if (atMs >= faceSinceMs - beforeMs && atMs <= faceSinceMs + afterMs) kinds.add(kind);
    }
    return kinds;
  }

  /** The door opened for the person: what was shown is used up. */
  used(person: string): void {
    this.#shownAtMs.delete(person);
  }

  /** What is older than both windows together counts for no face that may still come or be waiting. */
  #forgetOld(): void {
    const oldestMs = this.#clock.nowMs() - this.#window.beforeMs - this.#window.afterMs - 60_000;
    for (const [person, kinds] of this.#shownAtMs) {
      if ([...kinds.values()].every((atMs) => atMs < oldestMs)) this.#shownAtMs.delete(person);
    }
  }
}
