import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  holidaysDefinition,
  type Period,
  scheduleDefinition,
  type Weekday,
  weekdays,
} from "../../../../src/daemon/access/definitions.ts";
import { compileSchedule } from "../../../../src/daemon/access/schedule.ts";

const everyDay = [...weekdays];

function scheduleOf(
  timeZone: string,
  weekly: readonly (Period & { days: readonly Weekday[] })[],
  more: { holidays?: string[]; onHolidays?: Period[] } = {},
) {
  return scheduleDefinition.parse({ id: "s", timeZone, weekly, ...more });
}

function isWithin(timeZone: string, hours: string, at: string, days: readonly Weekday[] = everyDay): boolean {
  const [from = "", until = ""] = hours.split("-");
  return compileSchedule(scheduleOf(timeZone, [{ days, from, until }]), []).at(new Date(at)).isWithin;
}

describe("the days of daylight-saving changes follow the clock on the wall", () => {
  const table: [string, string, string, string, boolean][] = [
    // Europe/Berlin, 29 March 2026, 01:00Z: 02:00 becomes 03:00.
    ["Berlin, the last minute before the change", "Europe/Berlin", "01:00-02:00", "2026-03-29T00:59:59Z", true],
    ["Berlin, an hour that is skipped never comes", "Europe/Berlin", "02:00-03:00", "2026-03-29T00:59:59Z", false],
    ["Berlin, an hour that is skipped is over at once", "Europe/Berlin", "02:00-03:00", "2026-03-29T01:00:00Z", false],
    ["Berlin, hours that begin in the skipped hour", "Europe/Berlin", "02:30-06:00", "2026-03-29T01:00:00Z", true],
    ["Berlin, hours that begin in it, a minute before", "Europe/Berlin", "02:30-06:00", "2026-03-29T00:59:00Z", false],
    ["Berlin, hours that end in the skipped hour", "Europe/Berlin", "22:00-02:30", "2026-03-29T00:59:59Z", true],
    ["Berlin, hours that end in it are over after it", "Europe/Berlin", "22:00-02:30", "2026-03-29T01:00:00Z", false],
    [
      "Berlin, opening at eight is 07:00Z the day before",
      "Europe/Berlin",
      "08:00-18:00",
      "2026-03-28T06:59:59Z",
      false,
    ],
    ["Berlin, and not a minute later", "Europe/Berlin", "08:00-18:00", "2026-03-28T07:00:00Z", true],
    ["Berlin, opening at eight is 06:00Z on the day", "Europe/Berlin", "08:00-18:00", "2026-03-29T05:59:59Z", false],
    ["Berlin, and an hour earlier than yesterday", "Europe/Berlin", "08:00-18:00", "2026-03-29T06:00:00Z", true],
    ["Berlin, closing at six is 16:00Z on the day", "Europe/Berlin", "08:00-18:00", "2026-03-29T16:00:00Z", false],
    // 25 October 2026, 01:00Z: 03:00 becomes 02:00.
    ["Berlin, the repeated hour for the first time", "Europe/Berlin", "02:00-03:00", "2026-10-25T00:30:00Z", true],
    ["Berlin, the repeated hour for the second time", "Europe/Berlin", "02:00-03:00", "2026-10-25T01:30:00Z", true],
    ["Berlin, after the repeated hour", "Europe/Berlin", "02:00-03:00", "2026-10-25T02:00:00Z", false],
    ["Berlin, a night shift lasts an hour longer", "Europe/Berlin", "22:00-06:00", "2026-10-25T04:59:59Z", true],
    ["Berlin, and ends by the clock", "Europe/Berlin", "22:00-06:00", "2026-10-25T05:00:00Z", false],
    ["Berlin, opening at eight in winter again", "Europe/Berlin", "08:00-18:00", "2026-10-25T06:30:00Z", false],
    ["Berlin, 07:00Z is eight again", "Europe/Berlin", "08:00-18:00", "2026-10-25T07:00:00Z", true],
    // America/New_York, 8 March 2026, 07:00Z and 1 November 2026, 06:00Z.
    ["New York, the minute before the change", "America/New_York", "01:00-02:00", "2026-03-08T06:59:59Z", true],
    ["New York, the skipped hour", "America/New_York", "02:00-03:00", "2026-03-08T07:00:00Z", false],
    ["New York, three o'clock follows", "America/New_York", "03:00-04:00", "2026-03-08T07:00:00Z", true],
    ["New York, one o'clock for the first time", "America/New_York", "01:00-02:00", "2026-11-01T05:30:00Z", true],
    ["New York, one o'clock for the second time", "America/New_York", "01:00-02:00", "2026-11-01T06:30:00Z", true],
    ["New York, two o'clock", "America/New_York", "01:00-02:00", "2026-11-01T07:00:00Z", false],
    ["New York, nine in winter", "America/New_York", "09:00-17:00", "2026-11-01T13:59:59Z", false],
    ["New York, nine in winter is 14:00Z", "America/New_York", "09:00-17:00", "2026-11-01T14:00:00Z", true],
    // Australia/Lord_Howe, half an hour: back on 5 April 2026 (4 April, 15:00Z), forward on 4 October (3 October, 15:30Z).
    ["Lord Howe, 01:45 for the first time", "Australia/Lord_Howe", "01:30-02:00", "2026-04-04T14:45:00Z", true],
    ["Lord Howe, 01:45 for the second time", "Australia/Lord_Howe", "01:30-02:00", "2026-04-04T15:15:00Z", true],
    ["Lord Howe, two o'clock", "Australia/Lord_Howe", "01:30-02:00", "2026-04-04T15:30:00Z", false],
    ["Lord Howe, the minute before the change", "Australia/Lord_Howe", "01:30-02:00", "2026-10-03T15:29:59Z", true],
    ["Lord Howe, the skipped half hour", "Australia/Lord_Howe", "02:00-02:30", "2026-10-03T15:30:00Z", false],
    ["Lord Howe, half past two follows", "Australia/Lord_Howe", "02:30-03:00", "2026-10-03T15:30:00Z", true],
    ["Lord Howe, the day is the local one", "Australia/Lord_Howe", "08:00-09:00", "2026-04-04T21:30:00Z", true],
    // UTC knows no change.
    ["UTC in March", "UTC", "02:00-03:00", "2026-03-29T02:30:00Z", true],
    ["UTC in October", "UTC", "02:00-03:00", "2026-10-25T03:00:00Z", false],
    ["UTC, the first minute", "UTC", "00:00-24:00", "2026-03-29T00:00:00Z", true],
    // Zones whose day begins at one o'clock.
    ["Cairo, midnight is skipped", "Africa/Cairo", "00:00-01:00", "2026-04-23T22:00:00Z", false],
    ["Cairo, one o'clock follows eleven", "Africa/Cairo", "01:00-02:00", "2026-04-23T22:00:00Z", true],
    // Zones that are no whole hours off.
    ["Kathmandu", "Asia/Kathmandu", "08:00-09:00", "2026-06-01T02:15:00Z", true],
    ["Kathmandu, a minute before", "Asia/Kathmandu", "08:00-09:00", "2026-06-01T02:14:59Z", false],
  ];
  it.each(table)("%s", (_name, timeZone, hours, at, expected) => {
    expect(isWithin(timeZone, hours, at)).toBe(expected);
  });

  const lengths: [string, string, string, string, number][] = [
    ["Berlin in March", "Europe/Berlin", "2026-03-28T23:00:00Z", "00:00-24:00", 23],
    ["Berlin in October", "Europe/Berlin", "2026-10-24T22:00:00Z", "00:00-24:00", 25],
    ["New York in March", "America/New_York", "2026-03-08T05:00:00Z", "00:00-24:00", 23],
    ["New York in November", "America/New_York", "2026-11-01T04:00:00Z", "00:00-24:00", 25],
    ["Lord Howe in April", "Australia/Lord_Howe", "2026-04-04T13:00:00Z", "00:00-24:00", 24.5],
    ["Lord Howe in October", "Australia/Lord_Howe", "2026-10-03T13:30:00Z", "00:00-24:00", 23.5],
    ["UTC", "UTC", "2026-03-29T00:00:00Z", "00:00-24:00", 24],
    ["a night shift in Berlin in March", "Europe/Berlin", "2026-03-28T21:00:00Z", "22:00-06:00", 7],
    ["a night shift in Berlin in October", "Europe/Berlin", "2026-10-24T20:00:00Z", "22:00-06:00", 9],
  ];
  it.each(lengths)("a day has as many hours as it has: %s", (_name, timeZone, start, hours, expected) => {
    const [from = "", until = ""] = hours.split("-");
    // Only the local day on which the period starts is open, so that its length can be counted.
    const day = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short" }).format(new Date(start)).toLowerCase();
    const days = weekdays.filter((name) => name === day);
    const schedule = compileSchedule(scheduleOf(timeZone, [{ days, from, until }]), []);
    let minutes = 0;
    for (let minute = -600; minute < 2000; minute++) {
      if (schedule.at(new Date(Date.parse(start) + minute * 60_000)).isWithin) minutes++;
    }
    expect(minutes / 60).toBe(expected);
  });
});

describe("periods", () => {
  const friday: readonly Weekday[] = ["fri"];
  const table: [string, string, string, boolean][] = [
    ["holds from its first second", "08:00-18:00", "2026-06-05T08:00:00Z", true],
    ["does not hold a second before", "08:00-18:00", "2026-06-05T07:59:59Z", false],
    ["holds until the last second", "08:00-18:00", "2026-06-05T17:59:59Z", true],
    ["does not hold at its end", "08:00-18:00", "2026-06-05T18:00:00Z", false],
    ["does not hold on another day", "08:00-18:00", "2026-06-06T12:00:00Z", false],
    ["that crosses midnight begins on its day", "22:00-06:00", "2026-06-05T22:00:00Z", true],
    ["that crosses midnight goes on into the next day", "22:00-06:00", "2026-06-06T05:59:59Z", true],
    ["that crosses midnight ends there", "22:00-06:00", "2026-06-06T06:00:00Z", false],
    ["that crosses midnight is not there the morning of its day", "22:00-06:00", "2026-06-05T05:00:00Z", false],
    ["until 24:00 holds until midnight", "18:00-24:00", "2026-06-05T23:59:59Z", true],
    ["until 24:00 is over at midnight", "18:00-24:00", "2026-06-06T00:00:00Z", false],
    ["until 00:00 is until midnight too", "18:00-00:00", "2026-06-05T23:59:59Z", true],
    ["until 00:00 does not reach into the next day", "18:00-00:00", "2026-06-06T00:00:00Z", false],
  ];
  it.each(table)("a period %s", (_name, hours, at, expected) => {
    expect(isWithin("UTC", hours, at, friday)).toBe(expected);
  });

  it("that crosses from Sunday reaches into Monday", () => {
    expect(isWithin("UTC", "22:00-06:00", "2026-06-08T03:00:00Z", ["sun"])).toBe(true);
  });

  it("a time that is none is in no period", () => {
    expect(isWithin("UTC", "00:00-24:00", "no date")).toBe(false);
  });
});

describe("holidays", () => {
  const calendar = holidaysDefinition.parse({
    id: "house",
    days: [
      { date: "2026-12-25", name: "Christmas Day", yearly: true },
      { date: "2026-12-30", until: "2027-01-02", yearly: true, name: "Works holidays" },
      { date: "2026-06-05", name: "Outing" },
      { date: "2026-08-03", until: "2026-08-14" },
    ],
  });
  const at = (time: string, more: { holidays?: string[]; onHolidays?: Period[] } = {}) =>
    compileSchedule(
      scheduleOf("Europe/Berlin", [{ days: everyDay, from: "08:00", until: "18:00" }], {
        holidays: ["house"],
        ...more,
      }),
      [calendar],
    ).at(new Date(time));

  const table: [string, string, boolean][] = [
    ["the day before is usual", "2026-06-04T10:00:00Z", true],
    ["a holiday is closed", "2026-06-05T10:00:00Z", false],
    ["the same day a year later is usual", "2027-06-05T10:00:00Z", true],
    ["a yearly one is closed in any year", "2031-12-25T10:00:00Z", false],
    ["a stretch is closed on its first day", "2026-08-03T10:00:00Z", false],
    ["a stretch is closed on its last day", "2026-08-14T10:00:00Z", false],
    ["a stretch is over after it", "2026-08-15T10:00:00Z", true],
    ["a yearly stretch over the new year, before it", "2030-12-29T10:00:00Z", true],
    ["a yearly stretch over the new year, in December", "2030-12-31T10:00:00Z", false],
    ["a yearly stretch over the new year, in January", "2031-01-02T10:00:00Z", false],
    ["a yearly stretch over the new year, after it", "2031-01-03T10:00:00Z", true],
  ];
  it.each(table)("%s", (_name, time, expected) => {
    expect(at(time).isWithin).toBe(expected);
  });

  it("begin and end at local midnight", () => {
    const onHolidays = [{ from: "00:00", until: "24:00" }];
    expect(at("2026-06-04T21:59:59Z", { onHolidays }).isWithin).toBe(false);
    expect(at("2026-06-04T22:00:00Z", { onHolidays }).isWithin).toBe(true);
    expect(at("2026-06-05T21:59:59Z", { onHolidays }).isWithin).toBe(true);
    expect(at("2026-06-05T22:00:00Z", { onHolidays }).isWithin).toBe(false);
  });

  it("may have hours of their own, and are named", () => {
    const found = at("2026-06-05T09:00:00Z", { onHolidays: [{ from: "10:00", until: "12:00" }] });
    expect(found).toEqual({
      isWithin: true,
      localTime: "Fri 2026-06-05 11:00 Europe/Berlin",
      holiday: "Outing",
      period: "10:00-12:00",
    });
  });

  const night = (days: Weekday[], time: string) =>
    compileSchedule(scheduleOf("UTC", [{ days, from: "22:00", until: "06:00" }], { holidays: ["house"] }), [
      calendar,
    ]).at(new Date(time)).isWithin;
  it("a night that starts on a usual day goes on into the holiday", () => {
    expect(night(everyDay, "2026-06-05T03:00:00Z")).toBe(true);
  });
  it("a night that would start on a holiday does not reach into the next day", () => {
    expect(night(everyDay, "2026-06-05T23:00:00Z")).toBe(false);
    expect(night(everyDay, "2026-06-06T03:00:00Z")).toBe(false);
  });

  it("a calendar that is missing closes the schedule: which days are holidays is not known", () => {
    expect(at("2026-06-04T10:00:00Z", { holidays: ["house", "lost"] }).isWithin).toBe(false);
  });
});

describe("definitions that make no sense are refused", () => {
  const good = { id: "s", timeZone: "Europe/Berlin", weekly: [{ days: ["mon"], from: "08:00", until: "18:00" }] };
  const table: [string, object][] = [
    ["a zone that does not exist", { ...good, timeZone: "Europe/Atlantis" }],
    ["an offset instead of a zone", { ...good, timeZone: "+01:00" }],
    ["an empty zone", { ...good, timeZone: "" }],
    ["an hour 25", { ...good, weekly: [{ days: ["mon"], from: "25:00", until: "26:00" }] }],
    ["a start at 24:00", { ...good, weekly: [{ days: ["mon"], from: "24:00", until: "08:00" }] }],
    ["a time without minutes", { ...good, weekly: [{ days: ["mon"], from: "8", until: "18:00" }] }],
    ["a period without length", { ...good, weekly: [{ days: ["mon"], from: "08:00", until: "08:00" }] }],
    ["a period without days", { ...good, weekly: [{ days: [], from: "08:00", until: "18:00" }] }],
    ["a day that is none", { ...good, weekly: [{ days: ["monday"], from: "08:00", until: "18:00" }] }],
    ["an unknown key", { ...good, weekdays: [] }],
    ["an id that is a path", { ...good, id: "../s" }],
  ];
  it.each(table)("a schedule with %s", (_name, input) => {
    expect(scheduleDefinition.safeParse(input).success).toBe(false);
  });

  const days: [string, object][] = [
    ["a date that is none", { date: "2026-02-30" }],
    ["an end before its start", { date: "2026-02-20", until: "2026-02-19" }],
    ["a stretch of more than a year", { date: "2026-02-20", until: "2027-02-21" }],
    ["an unknown key", { date: "2026-02-20", year: true }],
  ];
  it.each(days)("a calendar with %s", (_name, day) => {
    expect(holidaysDefinition.safeParse({ id: "h", days: [day] }).success).toBe(false);
  });
});

describe("for any schedule and any instant", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Africa/Cairo", "Asia/Kathmandu"];
  const instants = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2036, 0, 1) });
  const minutes = fc.integer({ min: 0, max: 1439 });
  const text = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const periods = fc
    .record({ from: minutes, until: minutes, days: fc.subarray([...weekdays], { minLength: 1 }) })
    .filter(({ from, until }) => from !== until);

  /** The same question by another way: the local time as Sweden writes it, and the day before by subtraction of dates. */
  function naive(zone: string, list: readonly { from: number; until: number; days: Weekday[] }[], ms: number): boolean {
    const [date = "", clock = ""] = new Date(ms).toLocaleString("sv-SE", { timeZone: zone }).split(" ");
    const [h = 0, m = 0] = clock.split(":").map(Number);
    const now = h * 60 + m;
    const day = (back: number): Weekday => {
      const name = new Date(Date.parse(`${date}T12:00:00Z`) - back * 86_400_000)
        .toLocaleDateString("en-US", { weekday: "short", timeZone: "UTC" })
        .toLowerCase();
      return weekdays.find((known) => known === name) ?? "mon";
    };
    return list.some(({ from, until, days }) => {
      if (from < until) return days.includes(day(0)) && from <= now && now < until;
      return (days.includes(day(0)) && now >= from) || (days.includes(day(1)) && now < until);
    });
  }

  test("the answer is what the local clock shows", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.array(periods, { maxLength: 4 }), instants, (zone, list, ms) => {
        const weekly = list.map(({ from, until, days }) => ({ days, from: text(from), until: text(until) }));
        const found = compileSchedule(scheduleOf(zone, weekly), []).at(new Date(ms));
        expect(found.isWithin).toBe(naive(zone, list, ms));
        expect(found.period === null).toBe(!found.isWithin);
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  test("a period and what it leaves out of every day never hold together, and one of them always holds", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, minutes, instants, (zone, from, until, ms) => {
        fc.pre(from !== until);
        const one = isWithin(zone, `${text(from)}-${text(until)}`, new Date(ms).toISOString());
        const other = isWithin(zone, `${text(until)}-${text(from)}`, new Date(ms).toISOString());
        expect(one).toBe(!other);
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});
