import { describe, expect, it } from "vitest";
import { CronWindow, cronWindow } from "../../../src/daemon/cron-window.ts";

const night = { from: "0 22 * * *", until: "0 6 * * *" };
const isOpen = (times: { from: string; until: string }, zone: string, at: string) =>
  new CronWindow(times, zone).isOpen(new Date(at));

describe("a window by the clock on the wall", () => {
  const table: [string, { from: string; until: string }, string, string, boolean][] = [
    ["the second before it opens", night, "UTC", "2026-06-01T21:59:59Z", false],
    ["the very second it opens", night, "UTC", "2026-06-01T22:00:00Z", true],
    ["over midnight", night, "UTC", "2026-06-02T00:00:00Z", true],
    ["the last second", night, "UTC", "2026-06-02T05:59:59Z", true],
    ["the very second it closes", night, "UTC", "2026-06-02T06:00:00Z", false],
    ["at noon", night, "UTC", "2026-06-02T12:00:00Z", false],
    ["a window within a day", { from: "0 9 * * *", until: "30 17 * * *" }, "UTC", "2026-06-02T17:29:59Z", true],
    // From Friday evening to Monday morning.
    ["all weekend", { from: "0 18 * * 5", until: "0 7 * * 1" }, "UTC", "2026-06-07T12:00:00Z", true],
    ["not on Monday", { from: "0 18 * * 5", until: "0 7 * * 1" }, "UTC", "2026-06-08T07:00:00Z", false],
    // Weekdays only: the night that begins on Friday ends on Saturday, and Sunday has none.
    ["Saturday early", { from: "0 22 * * 1-5", until: "0 6 * * *" }, "UTC", "2026-06-06T05:00:00Z", true],
    ["Saturday noon", { from: "0 22 * * 1-5", until: "0 6 * * *" }, "UTC", "2026-06-06T12:00:00Z", false],
    ["Sunday night", { from: "0 22 * * 1-5", until: "0 6 * * *" }, "UTC", "2026-06-07T23:00:00Z", false],
    // Europe/Berlin, 29 March 2026, 01:00Z: 02:00 becomes 03:00. The night is an hour shorter and ends by the clock.
    ["spring: opens at 21:00Z in winter time", night, "Europe/Berlin", "2026-03-28T21:00:00Z", true],
    ["spring: not a second before", night, "Europe/Berlin", "2026-03-28T20:59:59Z", false],
    ["spring: closes at 04:00Z, six by the new time", night, "Europe/Berlin", "2026-03-29T04:00:00Z", false],
    ["spring: open until then", night, "Europe/Berlin", "2026-03-29T03:59:59Z", true],
    [
      "spring: a start in the skipped hour comes after it",
      { from: "30 2 * * *", until: "0 6 * * *" },
      "Europe/Berlin",
      "2026-03-29T01:00:00Z",
      true,
    ],
    [
      "spring: and not before",
      { from: "30 2 * * *", until: "0 6 * * *" },
      "Europe/Berlin",
      "2026-03-29T00:59:59Z",
      false,
    ],
    [
      "spring: an end in the skipped hour comes after it",
      { from: "0 22 * * *", until: "30 2 * * *" },
      "Europe/Berlin",
      "2026-03-29T01:00:00Z",
      false,
    ],
    // 25 October 2026, 01:00Z: 03:00 becomes 02:00. The night is an hour longer.
    ["autumn: closes at 05:00Z, six by the new time", night, "Europe/Berlin", "2026-10-25T05:00:00Z", false],
    ["autumn: open an hour longer", night, "Europe/Berlin", "2026-10-25T04:59:59Z", true],
    [
      "autumn: an end in the repeated hour comes the first time",
      { from: "0 22 * * *", until: "30 2 * * *" },
      "Europe/Berlin",
      "2026-10-25T00:30:00Z",
      false,
    ],
    [
      "autumn: and does not open again",
      { from: "0 22 * * *", until: "30 2 * * *" },
      "Europe/Berlin",
      "2026-10-25T01:15:00Z",
      false,
    ],
    // America/New_York, 8 March and 1 November 2026.
    ["New York in spring", night, "America/New_York", "2026-03-08T09:59:59Z", true],
    ["New York in spring, six o'clock", night, "America/New_York", "2026-03-08T10:00:00Z", false],
    ["New York in autumn", night, "America/New_York", "2026-11-01T10:59:59Z", true],
    ["New York in autumn, six o'clock", night, "America/New_York", "2026-11-01T11:00:00Z", false],
    // Lord Howe moves by half an hour.
    ["Lord Howe, 4 October 2026, closes at six", night, "Australia/Lord_Howe", "2026-10-03T19:00:00Z", false],
    ["Lord Howe, and not before", night, "Australia/Lord_Howe", "2026-10-03T18:59:59Z", true],
    ["a zone without daylight saving", night, "Asia/Tokyo", "2026-03-29T13:00:00Z", true],
    [
      "a date that never comes keeps it shut",
      { from: "0 0 31 2 *", until: "0 6 * * *" },
      "UTC",
      "2026-06-01T12:00:00Z",
      false,
    ],
  ];
  it.each(table)("%s", (_what, times, zone, at, open) => {
    expect(isOpen(times, zone, at)).toBe(open);
  });

  it("a clock that jumps in either direction within the night changes nothing", () => {
    const window = new CronWindow(night, "UTC");
    for (const at of ["23:00", "03:00", "22:10", "05:59"]) {
      const day = at.startsWith("2") ? "01" : "02";
      expect(window.isOpen(new Date(`2026-06-${day}T${at}:00Z`)), at).toBe(true);
    }
  });

  it("says when it changes next, whatever the length of the night", () => {
    const window = new CronWindow(night, "Europe/Berlin");
    expect(window.nextChange(new Date("2026-03-28T22:00:00Z"))?.toISOString()).toBe("2026-03-29T04:00:00.000Z");
    expect(window.nextChange(new Date("2026-03-29T12:00:00Z"))?.toISOString()).toBe("2026-03-29T20:00:00.000Z");
    expect(new CronWindow({ from: "0 0 31 2 *", until: "0 0 31 2 *" }, "UTC").nextChange(new Date(0))).toBeNull();
  });

  it.each(["", "22:00", "0 22 * *", "0 0 22 * * *", "61 * * * *", "@daily", "0 22 * * frog"])(
    "%j is refused as a time of it",
    (text) => expect(cronWindow.safeParse({ ...night, from: text }).success).toBe(false),
  );
});
