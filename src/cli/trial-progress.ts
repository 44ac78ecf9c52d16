/** How far a measurement is. `kept`: of those done, so many come from an earlier run and took no time. */
export interface TrialsDone {
  readonly done: number;
  readonly total: number;
  readonly kept: number;
}

/** Seconds that the rest takes at the rate of what was really played; null before anything was. */
export function secondsLeft({ done, total, kept }: TrialsDone, elapsedMs: number): number | null {
  const played = done - kept;
  if (done === total) return 0;
  return played > 0 ? Math.round(((elapsedMs / played) * (total - done)) / 1000) : null;
}

/** One line that is written over where somebody looks, else a line now and then. */
export function trialProgress(): (done: number, total: number, kept?: number) => void {
  const startMs = performance.now();
  let saidTenths = 0;
  return (done, total, kept = 0) => {
    const left = secondsLeft({ done, total, kept }, performance.now() - startMs);
    const bar = "#".repeat(Math.floor((done / total) * 30)).padEnd(30, ".");
    const line = `[${bar}] ${done}/${total}${left === null ? "" : `, ${left} s left`}`;
    if (process.stderr.isTTY) process.stderr.write(`\r${line.padEnd(60)}${done === total ? "\n" : ""}`);
    else if (Math.floor((10 * done) / total) > saidTenths) process.stderr.write(`${line}\n`);
    saidTenths = Math.floor((10 * done) / total);
  };
}
