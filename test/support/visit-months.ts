import { emptyMonth, monthName, monthNumber, type VisitMonth, withVisit } from "../../src/daemon/visits/month.ts";

/** One month after the other from June 2025 on, each with ten entries on ten days, scattered by 0.02 about its value. */
export function monthsOf(values: readonly number[]): VisitMonth[] {
  return values.map((value, i) => {
    let month = emptyMonth(monthName(monthNumber("2025-06") + i));
    for (let n = 0; n < 10; n++) {
      const time = `${month.month}-${String(n + 1).padStart(2, "0")}T08:00:00.000Z`;
      month = withVisit(month, { time, distance: value + (n - 4.5) / 225, margin: 0.3 });
    }
    return month;
  });
}
