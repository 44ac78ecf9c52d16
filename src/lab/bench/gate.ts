/** Whether one version is slower than another, from runs of both in turn on one machine. */

/** Milliseconds of one thing, by round: `before[i]` and `after[i]` ran next to each other. */
export interface PairedTimes {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface Comparison {
  readonly name: string;
  readonly rounds: number;
  /** Median of the rounds' ratios after / before: above one is slower. */
  readonly ratio: number;
  /** The true ratio lies between these with 95 % confidence or more; without end where the rounds are too few to say. */
  readonly bounds: readonly [low: number, high: number];
  readonly verdict: "slower" | "faster" | "as-before" | "unsure";
}

export interface GateOptions {
  /** How much slower is too much: 0.1 is ten per cent. */
  readonly tolerance: number;
}

/** Compares everything that both versions measure. What only one of them knows is left out. */
export function compareTimes(found: Readonly<Record<string, PairedTimes>>, options: GateOptions): Comparison[] {
  return Object.entries(found).map(([name, times]) => compareOne(name, times, options));
}

/** A change is refused only for what is surely slower than the tolerance allows. */
export function isRefused(comparisons: readonly Comparison[]): boolean {
  return comparisons.some(({ verdict }) => verdict === "slower");
}

/**
 * Bounds of the median that hold whatever the values are distributed like: as many of the lowest and highest are left out as a fair
 * coin allows in 2.5 % of the cases (David and Nagaraja 2003, Order Statistics, 7.1). Fewer than six values give no bounds.
 */
export function medianBounds(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let outside = -1;
  for (let tail = 0.5 ** n, term = tail; tail <= 0.025; tail += term) {
    outside++;
    term *= (n - outside) / (outside + 1);
  }
  return [sorted[outside] ?? Number.NEGATIVE_INFINITY, sorted[n - 1 - outside] ?? Number.POSITIVE_INFINITY];
}

// --- internal ---

function compareOne(name: string, { before, after }: PairedTimes, { tolerance }: GateOptions): Comparison {
  if (before.length !== after.length || before.length === 0) throw new RangeError(`${name}: rounds must be pairs`);
  if (![...before, ...after].every((ms) => Number.isFinite(ms) && ms > 0)) {
    throw new RangeError(`${name}: times must be above zero`);
  }
  const ratios = after.map((ms, round) => ms / (before[round] ?? Number.NaN));
  const bounds = medianBounds(ratios);
  return { name, rounds: ratios.length, ratio: median(ratios), bounds, verdict: verdictOf(bounds, tolerance) };
}

function verdictOf([low, high]: readonly [number, number], tolerance: number): Comparison["verdict"] {
  if (low > 1 + tolerance) return "slower";
  if (high < 1) return "faster";
  return high <= 1 + tolerance ? "as-before" : "unsure";
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? Number.NaN, sorted[Math.floor(middle)] ?? Number.NaN];
  return (low + high) / 2;
}
