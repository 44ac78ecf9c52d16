// Medians, and timing of several things in turn.

export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export const median = (values) => quantile(values, 0.5);

export const spread = (values) => ({
  n: values.length,
  min: Math.min(...values),
  p50: median(values),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
});

/**
 * Times the works in turn, A B A B, so that whatever else the machine does meets all alike. Each work gives its own
 * milliseconds, or is timed from outside when it gives none. Rounds before `warmUps` are thrown away.
 */
export async function inTurn(works, { rounds, warmUps = 3 }) {
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      const start = performance.now();
      const own = await work();
      const ms = typeof own === "number" ? own : performance.now() - start;
      if (round >= 0) times[name].push(ms);
    }
  }
  return times;
}

/** Median of the ratios of the rounds: steadier on a shared machine than the ratio of the medians. */
export const ratio = (above, below) => median(above.map((value, round) => value / below[round]));
