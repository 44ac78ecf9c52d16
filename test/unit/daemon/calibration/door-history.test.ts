import { expect, test } from "vitest";
import type { EventRecord } from "../../../../src/daemon/api.ts";
import { readDoorHistory, strangersPerDay } from "../../../../src/daemon/calibration/door-history.ts";

const day = (n: number): string => new Date(Date.parse("2026-01-01T00:00:00Z") + n * 86_400_000).toISOString();

function logOf(events: readonly Omit<EventRecord, "seq">[], first = 1) {
  const records = events.map((event, i) => ({ ...event, seq: first + i }) as EventRecord);
  return { read: (from: number, limit: number) => records.filter(({ seq }) => seq >= from).slice(0, limit) };
}

test("entries are gathered by person, strangers counted, over the pieces in which the log is read", async () => {
  const events = Array.from({ length: 2500 }, (_, i) =>
    i % 5 === 0
      ? { type: "unknown" as const, time: day(i / 100) }
      : { type: "granted" as const, time: day(i / 100), person: i % 2 === 0 ? "ann" : "bob", distance: i / 10_000 },
  );
  const history = await readDoorHistory(logOf(events, 700));
  expect(history.strangers).toBe(500);
  expect(history.days).toBeCloseTo(24.99, 5);
  expect(history.entries.get("ann")).toHaveLength(1000);
  expect(history.entries.get("bob")?.[0]).toEqual({ time: day(0.01), distance: 0.0001 });
});

test("an entry without a person or a distance is no measurement", async () => {
  const history = await readDoorHistory(
    logOf([
      { type: "granted", time: day(0), person: "ann" },
      { type: "granted", time: day(1), distance: 0.2 },
      { type: "granted", time: day(2), person: "ann", distance: "0.2" },
    ]),
  );
  expect(history.entries.size).toBe(0);
});

test.each([
  ["an empty log", { strangers: 0, days: 0 }, 20],
  ["two days of a fair", { strangers: 4000, days: 2 }, 20],
  ["a month", { strangers: 59, days: 30 }, 2],
  ["a quiet month", { strangers: 0, days: 30 }, 1 / 30],
])("strangers a day after %s", (_name, history, expected) => {
  expect(strangersPerDay(history)).toBeCloseTo(expected, 10);
});
