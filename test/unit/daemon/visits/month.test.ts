import { describe, expect, test } from "vitest";
import { emptyMonth, monthName, monthNumber, quantile, total, withVisit } from "../../../../src/daemon/visits/month.ts";

const visit = (day: number, distance: number, margin: number | null = 0.3) => ({
  ...{ time: `2031-05-${String(day).padStart(2, "0")}T08:00:00.000Z`, distance, margin },
});

test("a month keeps counts and days, and no time of any entry", () => {
  const month = [visit(3, 0.29), visit(3, 0.291), visit(4, 0.315, null)].reduce(withVisit, emptyMonth("2031-05"));
  expect(month).toEqual({
    ...{ month: "2031-05", days: 2, lastDay: 4 },
    ...{ distances: { 29: 2, 31: 1 }, margins: { 30: 2 } },
  });
  expect(total(month.distances)).toBe(3);
});

describe("quantile", () => {
  test("is found within its hundredth", () => {
    const counts = { 30: 10, 20: 10 };
    expect(quantile(counts, 0.25)).toBeCloseTo(0.205, 10);
    expect(quantile(counts, 0.5)).toBeCloseTo(0.21, 10);
    expect(quantile(counts, 0.75)).toBeCloseTo(0.305, 10);
    expect(quantile(counts, 1)).toBeCloseTo(0.31, 10);
  });

  test("of nothing is nothing", () => {
    expect(quantile({}, 0.5)).toBeNull();
  });

  test("is within half a hundredth of the median of what was counted", () => {
    const values = Array.from({ length: 101 }, (_, i) => 0.2 + ((i * 37) % 101) / 500);
    const month = values.map((value) => visit(1, value)).reduce(withVisit, emptyMonth("2031-05"));
    expect(Math.abs((quantile(month.distances, 0.5) ?? 0) - 0.3)).toBeLessThan(0.005);
  });
});

test.each(["2031-01", "2031-12", "0999-02"])("%s counted from the year 0 and back", (month) => {
  expect(monthName(monthNumber(month))).toBe(month);
  expect(monthName(monthNumber(month) + 12)).toBe(
    `${String(Number(month.slice(0, 4)) + 1).padStart(4, "0")}${month.slice(4)}`,
  );
});
