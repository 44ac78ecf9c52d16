/** What the clock on the wall shows in a time zone. */
export interface WallTime {
  /** Date as `yyyy-mm-dd`. */
  readonly date: string;
  /** Minutes since 00:00 as the clock shows them, 0 to 1439: not the time that has passed since midnight. */
  readonly minute: number;
  /** 0 = Monday to 6 = Sunday. */
  readonly weekday: number;
}

/**
 * Whether the runtime knows the name. The zone rules are those of the IANA database that comes with Node
 * (`process.versions.tz`). Fixed offsets such as +01:00 are no names: they would be wrong for half of the year.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The zone this machine is set to. */
export function machineTimeZone(): string {
  return new Intl.DateTimeFormat("en-US").resolvedOptions().timeZone;
}

/** Turns instants into wall time. Keeps its formatter and the last minute asked for: many rules ask the same. */
export class LocalClock {
  readonly #format: Intl.DateTimeFormat;
  #minute = Number.NaN;
  #last: WallTime | null = null;

  /** Throws a RangeError for a zone that `isTimeZone` refuses. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  }

  /** Null for a date that is none. */
  at(instant: Date): WallTime | null {
    const minute = Math.floor(instant.getTime() / 60_000);
    if (minute !== this.#minute || this.#last === null) {
      this.#last = Number.isFinite(minute) ? this.#read(instant) : null;
      this.#minute = minute;
    }
    return this.#last;
  }

  #read(instant: Date): WallTime {
    const parts = new Map<string, string>();
    for (const { type, value } of this.#format.formatToParts(instant)) parts.set(type, value);
    const part = (type: string) => parts.get(type) ?? "";
    const date = `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
    return { date, minute: Number(part("hour")) * 60 + Number(part("minute")), weekday: weekdayOf(date) };
  }
}

/** The calendar day before. */
export function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** 0 = Monday to 6 = Sunday. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** `08:05` from 485. */
export function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** 485 from `08:05`; `24:00` is 1440. */
export function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}
