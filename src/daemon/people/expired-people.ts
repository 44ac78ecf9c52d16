import type { Clock } from "../../core/clock.ts";
import { errorText } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../../core/timers.ts";
import type { Person, RemovalProof } from "../api.ts";

export interface ExpiredPeopleParts {
  readonly people: { list(): readonly Person[]; remove(id: string, by: string): Promise<RemovalProof> };
  /** Days after `validUntil`; undefined: nobody is ever removed by this. */
  readonly afterDays: number | undefined;
  readonly clock: Clock;
  /** Whether the time of day may be believed at all. */
  isClockTrusted(): boolean;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** What the last run did and, looking again after it, what is left to do. */
export interface ExpiredPeopleStatus {
  readonly isOn: boolean;
  /** ISO 8601; null before the first run. */
  readonly lastRunAt: string | null;
  readonly removed: number;
  /** People still there past their time; anything but 0 after a run is a fault. */
  readonly overdue: number;
  /** Removals after which a byte search still found something. */
  readonly unclean: number;
}

const dayMs = 86_400_000;
const everyMs = 3_600_000;
/** Wall clock and monotonic clock may part by this much between two looks; a clock that was set parts by more. */
const maxClockStepMs = 300_000;

/** The people whose validity ended at least so many days ago. */
export function overduePeople(people: readonly Person[], now: Date, afterDays: number): readonly Person[] {
  const latest = now.getTime() - afterDays * dayMs;
  return people.filter(({ validUntil }) => validUntil !== null && Date.parse(validUntil) <= latest);
}

/**
 * Removes people some days after their validity ended, once an hour, as `people/remove` does: each with its proof and its
 * event. It acts only when the wall clock ran on evenly since the look before, an hour ago: a clock that was set to a wrong
 * year must not empty the gallery.
 */
export class ExpiredPeople {
  readonly #parts: ExpiredPeopleParts;
  readonly #log: Logger;
  #status: ExpiredPeopleStatus;
  #lookedAt: { readonly wallMs: number; readonly monotonicMs: number } | null = null;
  #callOff: (() => void) | null = null;

  constructor(parts: ExpiredPeopleParts) {
    this.#parts = parts;
    this.#log = parts.logger.child({ component: "retention" });
    this.#status = { isOn: parts.afterDays !== undefined, lastRunAt: null, removed: 0, overdue: 0, unclean: 0 };
  }

  get status(): ExpiredPeopleStatus {
    return this.#status;
  }

  start(): void {
    if (this.#parts.afterDays === undefined || this.#callOff) return;
    this.#look();
    this.#wait();
  }

  /** Safe to call twice. */
  stop(): void {
    this.#callOff?.();
    this.#callOff = null;
  }

  /** One run, whatever the hour. Removals that fail are tried again the next time. */
  async run(): Promise<ExpiredPeopleStatus> {
    const { people, afterDays, clock } = this.#parts;
    if (afterDays === undefined) return this.#status;
    let removed = 0;
    let unclean = 0;
    for (const { id } of overduePeople(people.list(), clock.date(), afterDays)) {
      try {
        const proof = await people.remove(id, "retention");
        removed += 1;
        if (proof.search.remains.length > 0) unclean += 1;
      } catch (error) {
        this.#log.error({ person: id, error: errorText(error) }, "expired person could not be removed");
      }
    }
    const overdue = overduePeople(people.list(), clock.date(), afterDays).length;
    this.#status = { isOn: true, lastRunAt: clock.date().toISOString(), removed, overdue, unclean };
    if (removed > 0 || overdue > 0 || unclean > 0) this.#log.info(this.#status, "expired people removed");
    return this.#status;
  }

  // --- internal ---

  #wait(): void {
    this.#callOff = this.#parts.timers.after(everyMs, () => {
      this.#wait();
      if (this.#look()) void this.run();
      else this.#log.warn({}, "the clock is not to be trusted: expired people are kept for another hour");
    });
  }

  /** Whether the wall clock ran on as the monotonic one did since the last look. */
  #look(): boolean {
    const before = this.#lookedAt;
    const now = { wallMs: this.#parts.clock.date().getTime(), monotonicMs: this.#parts.clock.nowMs() };
    this.#lookedAt = now;
    if (before === null) return false;
    const step = now.wallMs - before.wallMs - (now.monotonicMs - before.monotonicMs);
    return Math.abs(step) <= maxClockStepMs && this.#parts.isClockTrusted();
  }
}
