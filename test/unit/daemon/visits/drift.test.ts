import { describe, expect, test } from "vitest";
import { atDoor, driftOf } from "../../../../src/daemon/visits/drift.ts";
import { monthsOf } from "../../../support/visit-months.ts";

const rising = (from: number, perMonth: number, months: number) =>
  monthsOf(Array.from({ length: months }, (_, i) => from + perMonth * i));

describe("a trend", () => {
  test("is told with its rate, its interval and the month in which refusals begin", () => {
    const drift = driftOf(rising(0.28, 0.01, 6), 0.4);
    expect(drift).toMatchObject({ since: "2025-06", until: "2025-11", months: 6, entries: 60 });
    expect(drift?.perMonth).toBeCloseTo(0.01, 3);
    expect(drift?.early).toBeCloseTo(0.28, 2);
    expect(drift?.recent).toBeCloseTo(0.33, 2);
    expect(drift?.interval[0]).toBeGreaterThan(0);
    // The upper quarter of a month begins 0.01 above its median: 0.28 + 0.01 + 0.01 t reaches 0.40 after eleven months.
    expect(drift?.refusedFrom).toBe("2026-05");
  });

  test("survives one month in which everything was different", () => {
    const months = rising(0.26, 0.01, 9);
    const odd = { ...months[4], distances: { 22: 10 } } as (typeof months)[number];
    expect(driftOf(months.with(4, odd), 0.4)?.perMonth).toBeCloseTo(0.01, 3);
  });

  test("of somebody who is refused already is due in the coming month", () => {
    expect(driftOf(rising(0.34, 0.015, 6), 0.4)?.refusedFrom).toBe("2025-12");
  });

  test("is the one of the last year, not of a change before it", () => {
    const months = [...rising(0.2, 0.01, 12), ...monthsOf(new Array(12).fill(0.31))].map((month, i) => ({
      ...month,
      month: `${2025 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`,
    }));
    expect(driftOf(months, 0.4)).toBeNull();
  });
});

describe("nothing is said", () => {
  test.each([
    ["of four months, however steep", rising(0.2, 0.04, 4)],
    ["of months that go up and down", monthsOf([0.28, 0.32, 0.27, 0.33, 0.29, 0.31])],
    ["of a face that comes nearer", rising(0.35, -0.01, 8)],
    ["of a rate that leads nowhere within a year", rising(0.2, 0.002, 8)],
    ["of no entries", []],
  ])("%s", (_name, months) => {
    expect(driftOf(months, 0.4)).toBeNull();
  });

  test.each([
    ["entries", { distances: { 30: 7 } }],
    ["days", { days: 3 }],
  ])("of months with too few %s", (_name, change) => {
    const months = rising(0.28, 0.01, 6).map((month) => ({ ...month, ...change }));
    expect(driftOf(months, 0.4)).toBeNull();
    expect(atDoor(months)).toBeNull();
  });
});

test("how somebody is seen at the door is said of the newest month with enough entries", () => {
  const months = rising(0.28, 0.01, 6);
  const last = { ...months[5], days: 1 } as (typeof months)[number];
  const found = atDoor(months.with(5, last));
  expect(found).toMatchObject({ month: "2025-10", entries: 10 });
  expect(found?.distance).toBeCloseTo(0.32, 2);
  expect(found?.margin).toBeCloseTo(0.305, 3);
});
