import { LintelError } from "../../../core/errors.ts";
import { type Weekday, weekdays } from "../../../daemon/access/definitions.ts";

/** How hours and holidays are written on the command line. Times and dates themselves are judged by the request. */

export interface WrittenPeriod {
  readonly from: string;
  readonly until: string;
}

/** `08:00-18:00` */
export function parsePeriod(text: string): WrittenPeriod {
  const [from = "", until = "", ...rest] = text.split("-");
  if (from !== "" && until !== "" && rest.length === 0) return { from, until };
  throw new LintelError("LINTEL_E_USAGE", `${JSON.stringify(text)} is no period`, {
    hint: "write 08:00-18:00, or 22:00-06:00 for over midnight",
  });
}

/** `mon-fri 08:00-18:00`, `sat,sun 10:00-14:00`, `fri-mon 22:00-06:00`, `daily 00:00-24:00` */
export function parseHours(text: string): WrittenPeriod & { readonly days: readonly Weekday[] } {
  const [days = "", period = "", ...rest] = text.trim().split(/\s+/);
  if (period === "" || rest.length > 0) {
    throw new LintelError("LINTEL_E_USAGE", `${JSON.stringify(text)} are no hours`, {
      hint: "write 'mon-fri 08:00-18:00', 'sat,sun 10:00-14:00' or 'daily 00:00-24:00'",
    });
  }
  return { days: parseDays(days), ...parsePeriod(period) };
}

/** `2026-12-25`, `2026-12-24..2026-12-26`, each with `=Name` if wanted */
export function parseHoliday(text: string, yearly: boolean) {
  const [days = "", ...name] = text.split("=");
  const [date = "", until, ...rest] = days.split("..");
  if (date === "" || until === "" || rest.length > 0) {
    throw new LintelError("LINTEL_E_USAGE", `${JSON.stringify(text)} is no holiday`, {
      hint: "write 2026-12-25, 2026-12-24..2026-12-26 or 2026-12-25=Christmas",
    });
  }
  return {
    date,
    yearly,
    ...(until === undefined ? {} : { until }),
    ...(name.length === 0 ? {} : { name: name.join("=") }),
  };
}

/** `mon-fri 08:00-18:00` from what is stored. */
export function hoursText({ days, from, until }: WrittenPeriod & { readonly days: readonly string[] }): string {
  const indices = weekdays.flatMap((day, i) => (days.includes(day) ? [i] : []));
  const first = indices[0] ?? 0;
  const last = indices.at(-1) ?? 0;
  const isRun = indices.length > 2 && last - first === indices.length - 1;
  const names = indices.map((i) => weekdays[i] ?? "");
  const written = indices.length === 7 ? "daily" : isRun ? `${names[0]}-${names.at(-1)}` : names.join(",");
  return `${written} ${from}-${until}`;
}

// --- internal ---

function parseDays(text: string): readonly Weekday[] {
  if (text === "daily") return weekdays;
  const names: readonly string[] = weekdays;
  const days = text.split(",").flatMap((part) => {
    const [first = "", last = first, ...rest] = part.split("-");
    const start = names.indexOf(first);
    const end = names.indexOf(last);
    if (start < 0 || end < 0 || rest.length > 0) {
      throw new LintelError("LINTEL_E_USAGE", `${JSON.stringify(part)} are no days`, {
        hint: `days are ${weekdays.join(", ")}, mon-fri, or daily`,
      });
    }
    const length = ((end - start + 7) % 7) + 1;
    return Array.from({ length }, (_, i) => weekdays[(start + i) % 7] ?? "mon");
  });
  return [...new Set(days)];
}
