/** So many entries in each hundredth: `{"27": 4}` says that four lay from 0.27 to 0.28. */
export type Counts = Readonly<Record<string, number>>;

/** What is kept of one person's entries in one month: counts, no times, no vectors. */
export interface VisitMonth {
  /** `2031-05`, UTC. */
  readonly month: string;
  /** Days with an entry; the last of them, so that none is counted twice. */
  readonly days: number;
  readonly lastDay: number;
  /** Distance to the best picture. */
  readonly distances: Counts;
  /** How much nearer than the runner-up; entries without a runner-up are not in it. */
  readonly margins: Counts;
}

/** One entry by face. */
export interface Visit {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly distance: number;
  /** Null: there was nobody else to be taken for. */
  readonly margin: number | null;
}

export function emptyMonth(month: string): VisitMonth {
  return { month, days: 0, lastDay: 0, distances: {}, margins: {} };
}

/** The month with one more entry, which lies in it. */
export function withVisit(month: VisitMonth, { time, distance, margin }: Visit): VisitMonth {
  const day = Number(time.slice(8, 10));
  return {
    ...month,
    days: month.days + (day === month.lastDay ? 0 : 1),
    lastDay: day,
    distances: withOne(month.distances, distance),
    margins: margin === null ? month.margins : withOne(month.margins, margin),
  };
}

export function monthOf(time: string): string {
  return time.slice(0, 7);
}

/** Months since the year 0, so that two can be subtracted. */
export function monthNumber(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
}

export function monthName(number: number): string {
  return `${String(Math.floor(number / 12)).padStart(4, "0")}-${String((number % 12) + 1).padStart(2, "0")}`;
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Below this lies `part` of the entries, found within its hundredth as if they lay evenly there. Null for none. */
export function quantile(counts: Counts, part: number): number | null {
  const all = total(counts);
  if (all === 0) return null;
  let before = 0;
  const bins = Object.entries(counts).map(([bin, count]) => ({ bin: Number(bin), count }));
  for (const { bin, count } of bins.sort((a, b) => a.bin - b.bin)) {
    if (before + count >= part * all) return (bin + (part * all - before) / count) / 100;
    before += count;
  }
  throw new Error("more entries than there are");
}

// --- internal ---

function withOne(counts: Counts, value: number): Counts {
  // 0.29 is 28.999… hundredths in floating point.
  const bin = String(Math.max(0, Math.floor(value * 100 + 1e-9)));
  return { ...counts, [bin]: (counts[bin] ?? 0) + 1 };
}
