import { median, theilSen } from "../../pipeline/calibration/theil-sen.ts";
import type { PersonCheck } from "../api.ts";
import { monthName, monthNumber, quantile, total, type VisitMonth } from "./month.ts";

export type Drift = NonNullable<PersonCheck["drift"]>;

/** Fewer entries, or all on few days, say more about the light of those days than about the face. */
const enough = { entries: 8, days: 4 };
/** A year holds every season once; what was before it has less to say about what comes. */
const mostMonths = 12;
/** What is further off may well come otherwise: nobody is sent to the camera for it. */
const horizonMonths = 12;

/**
 * The trend of the monthly medians; null when there is none that can be told from chance, or none that leads to refusals within
 * a year. Medians lie below what they would be once a part of the looks is refused, so the forecast errs to the late side.
 */
export function driftOf(months: readonly VisitMonth[], threshold: number): Drift | null {
  const told = months.filter(isEnough);
  const last = told.at(-1);
  const used = told.filter(({ month }) => monthNumber(last?.month ?? month) - monthNumber(month) < mostMonths);
  const first = used[0];
  if (!first || !last) return null;
  const start = monthNumber(first.month);
  const trend = theilSen(used.map(({ month, distances }) => ({ x: monthNumber(month) - start, y: middle(distances) })));
  if (trend === null || !(trend.interval[0] > 0)) return null;
  const lastMonth = monthNumber(last.month);
  const at = (month: number): number => trend.atZero + trend.slope * (month - start);
  // How far above its median the upper quarter of a month begins.
  const above = median(used.map(({ distances }) => (quantile(distances, 0.75) ?? 0) - middle(distances)));
  const refusedFrom = Math.max(lastMonth + 1, start + Math.ceil((threshold - above - trend.atZero) / trend.slope));
  if (refusedFrom - lastMonth > horizonMonths) return null;
  return {
    ...{ early: at(start), recent: at(lastMonth), since: first.month, until: last.month },
    ...{ months: used.length, entries: used.reduce((sum, { distances }) => sum + total(distances), 0) },
    ...{ perMonth: trend.slope, interval: trend.interval, refusedFrom: monthName(refusedFrom) },
  };
}

/** The newest month that had enough entries; null before there is one. */
export function atDoor(months: readonly VisitMonth[]): PersonCheck["atDoor"] {
  const last = months.filter(isEnough).at(-1);
  if (last === undefined) return null;
  const { month, distances, margins } = last;
  return { month, entries: total(distances), distance: middle(distances), margin: quantile(margins, 0.5) };
}

// --- internal ---

function isEnough({ days, distances }: VisitMonth): boolean {
  return days >= enough.days && total(distances) >= enough.entries;
}

function middle(distances: VisitMonth["distances"]): number {
  return quantile(distances, 0.5) ?? 0;
}
