import { expect, test } from "vitest";
import type { EventRecord } from "../../../../src/daemon/api.ts";
import { readDoorHistory, strangersPerDay } from "../../../../src/daemon/calibration/door-history.ts";

const day = (n: number): string => new Date(Date.parse("2026-01-01T00:00:00Z") + n * 86_400_000).toISOString();

function logOf(events: readonly Omit<EventRecord, "seq">[], first = 1) {
  const records = events.map((event, i) => ({ ...event, seq: first + i }) as EventRecord);
  return { read: (from: number, limit: number) => records.filter(({ seq }) => seq >= from).slice(0, limit) };
}

test("strangers are counted over the pieces in which the log is read", async () => {
  const events = Array.from({ length: 2500 }, (_, i) => ({
    type: i % 5 === 0 ? ("unknown" as const) : ("granted" as const),
    time: day(i / 100),
  }));
  const history = await readDoorHistory(logOf(events, 700));
  expect(history.strangers).toBe(500);
  expect(history.days).toBeCloseTo(24.99, 5);
});

test.each([
  ["an empty log", { strangers: 0, days: 0 }, 20],
  ["two days of a fair", { strangers: 4000, days: 2 }, 20],
  ["a month", { strangers: 59, days: 30 }, 2],
  ["a quiet month", { strangers: 0, days: 30 }, 1 / 30],
])("strangers a day after %s", (_name, history, expected) => {
  expect(strangersPerDay(history)).toBeCloseTo(expected, 10);
});
