import { Cron } from "croner";
import { z } from "zod";

/** Five fields (minute hour day month weekday), as cron has them. */
const cronText = z.string().refine(isCron, "must be a cron expression of five fields, such as 0 22 * * *");

/** A recurring window: it opens at each time of `from` and closes at the next time of `until`. */
export const cronWindow = z.strictObject({
  from: cronText.describe("When it begins, as a cron expression: minute hour day month weekday."),
  until: cronText.describe("When it ends, as a cron expression."),
});
export type CronWindowTimes = z.infer<typeof cronWindow>;

/**
 * A window by the clock on the wall of a time zone. It remembers nothing: whether it is open follows from which of the two
 * came last, so a clock that jumps, a machine that slept and a daylight-saving change need no care. A start that the change
 * skips comes right after it, one that it repeats comes once (as croner has it).
 */
export class CronWindow {
  readonly #from: Cron;
  readonly #until: Cron;

  /** Throws for expressions that `cronWindow` refuses and for zones that are none. Zone absent: the machine's. */
  constructor({ from, until }: CronWindowTimes, timeZone?: string) {
    const options = { paused: true, ...(timeZone === undefined ? {} : { timezone: timeZone }) };
    this.#from = new Cron(from, options);
    this.#until = new Cron(until, options);
  }

  isOpen(at: Date): boolean {
    const opened = this.openedAt(at);
    if (opened === null) return false;
    const closed = lastRun(this.#until, at);
    return closed === null || opened > closed;
  }

  /** When it opened last; null: never yet. */
  openedAt(at: Date): Date | null {
    return lastRun(this.#from, at);
  }

  /** When it will open or close next, whichever it does; null: never again. */
  nextChange(at: Date): Date | null {
    return (this.isOpen(at) ? this.#until : this.#from).nextRun(at);
  }
}

// --- internal ---

/** The last time up to and including `at`; croner leaves out the instant itself. */
function lastRun(cron: Cron, at: Date): Date | null {
  return cron.previousRuns(1, new Date(at.getTime() + 1))[0] ?? null;
}

function isCron(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    new Cron(text, { paused: true });
    return true;
  } catch {
    return false;
  }
}
