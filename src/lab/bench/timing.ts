/** Milliseconds of many runs of one thing. */
export interface Timing {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Times a piece of work, one run after the other, after a warm-up. */
export async function time(runs: number, work: () => Promise<unknown> | unknown): Promise<Timing> {
  const warmUps = Math.min(10, Math.ceil(runs / 5));
  const times: number[] = [];
  for (let run = -warmUps; run < runs; run++) {
    const start = process.hrtime.bigint();
    await work();
    if (run >= 0) times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => round(times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0);
  return { n: runs, min: at(0), p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

// --- internal ---

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
