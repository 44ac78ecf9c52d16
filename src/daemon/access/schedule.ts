import type { HolidaysDefinition, Period, ScheduleDefinition } from "./definitions.ts";
import { weekdays } from "./definitions.ts";
import { clockText, dayBefore, LocalClock, minuteOf, type WallTime } from "./local-time.ts";

/**
 * Weekly schedules, judged by what the clock on the wall shows at that instant. So daylight saving needs no rule of its own:
 * a local time that the change skips never comes, and one that it repeats counts both times.
 */

/** For whoever follows a timetable by itself, such as a door that stands open during the day. */
export interface PassageTime {
  isPassageTime(date: Date): boolean;
}

/** What a schedule says about an instant. */
export interface ScheduleFinding {
  readonly isWithin: boolean;
  /** The local time it was judged by, such as `Sun 2026-03-29 03:15 Europe/Berlin`. */
  readonly localTime: string;
  /** The holiday that decided instead of the weekday; its name, or its date when it has none. */
  readonly holiday: string | null;
  /** The period that holds, such as `08:00-18:00`. */
  readonly period: string | null;
}

export interface Schedule {
  readonly id: string;
  at(instant: Date): ScheduleFinding;
}

/**
 * Makes a schedule ready to be asked. `clockOf` shares clocks between schedules of one zone. A calendar that it names and
 * that is not among `calendars` makes it closed at all times: which days would be holidays is not known then.
 */
export function compileSchedule(
  definition: ScheduleDefinition,
  calendars: readonly HolidaysDefinition[],
  clockOf: (timeZone: string) => LocalClock = (timeZone) => new LocalClock(timeZone),
): Schedule {
  const { id, timeZone } = definition;
  const clock = clockOf(timeZone);
  const wanted = calendars.filter((calendar) => definition.holidays.includes(calendar.id));
  const isComplete = definition.holidays.every((name) => wanted.some((calendar) => calendar.id === name));
  const holidayOf = compileHolidays(wanted.flatMap((calendar) => calendar.days));
  const week = weekdays.map((weekday) => definition.weekly.filter(({ days }) => days.includes(weekday)).map(toMinutes));
  const onHolidays = definition.onHolidays.map(toMinutes);
  const periodsOf = (date: string, weekday: number): readonly Minutes[] =>
    holidayOf(date) === null ? (week[weekday] ?? []) : onHolidays;
  return {
    id,
    at: (instant) => {
      const wall = clock.at(instant);
      if (wall === null) return { isWithin: false, localTime: "no time", holiday: null, period: null };
      const found = isComplete ? currentPeriod(wall, periodsOf) : undefined;
      return {
        isWithin: found !== undefined,
        localTime: `${dayName(wall.weekday)} ${wall.date} ${clockText(wall.minute)} ${timeZone}`,
        holiday: holidayOf(wall.date),
        period: found ? `${clockText(found.from)}-${clockText(found.until)}` : null,
      };
    },
  };
}

/** A schedule that is never open: what stands for one that cannot be read. */
export function closedSchedule(id: string): Schedule {
  return { id, at: () => ({ isWithin: false, localTime: "unreadable schedule", holiday: null, period: null }) };
}

// --- internal ---

interface Minutes {
  readonly from: number;
  /** Smaller than `from`: on the next day. */
  readonly until: number;
}

function toMinutes({ from, until }: Period): Minutes {
  return { from: minuteOf(from), until: minuteOf(until) };
}

/** The period of today that holds, or that of yesterday that reaches into today. */
function currentPeriod(
  { date, minute, weekday }: WallTime,
  periodsOf: (date: string, weekday: number) => readonly Minutes[],
): Minutes | undefined {
  const today = periodsOf(date, weekday).find(({ from, until }) => minute >= from && (until < from || minute < until));
  if (today) return today;
  const yesterday = periodsOf(dayBefore(date), (weekday + 6) % 7);
  return yesterday.find(({ from, until }) => until < from && minute < until);
}

/** The name of the holiday a date is, or null. */
function compileHolidays(days: HolidaysDefinition["days"]): (date: string) => string | null {
  if (days.length === 0) return () => null;
  const once = new Map<string, string>();
  const stretches: { first: string; last: string; name: string }[] = [];
  const yearly: { first: string; last: string; name: string }[] = [];
  for (const { date, until, yearly: isYearly, name = date } of days) {
    if (isYearly) yearly.push({ first: date.slice(5), last: (until ?? date).slice(5), name });
    else if (until === undefined) once.set(date, name);
    else stretches.push({ first: date, last: until, name });
  }
  return (date) => {
    const monthDay = date.slice(5);
    return (
      once.get(date) ??
      stretches.find(({ first, last }) => first <= date && date <= last)?.name ??
      yearly.find(({ first, last }) => isBetween(monthDay, first, last))?.name ??
      null
    );
  };
}

/** Month and day as `mm-dd`; a stretch may cross the end of the year. */
function isBetween(monthDay: string, first: string, last: string): boolean {
  return first <= last ? first <= monthDay && monthDay <= last : monthDay >= first || monthDay <= last;
}

function dayName(weekday: number): string {
  const name = weekdays[weekday] ?? "";
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
