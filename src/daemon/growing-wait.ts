/** Failures in a row that cost nothing, and the wait after each further one: twice as long each time, up to the longest. */
export interface WaitRule {
  readonly free: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** Without a failure for so long the earlier ones are forgotten. */
  readonly forgetMs: number;
}

interface Failing {
  readonly failures: number;
  readonly lastAtMs: number;
  readonly waitUntilMs: number;
}

/** Bound for the list of people. */
const maxPeople = 10_000;

/** Makes whoever fails again and again wait longer and longer. Times are monotonic milliseconds. */
export class GrowingWait {
  readonly #rule: WaitRule;
  readonly #failing = new Map<string, Failing>();

  constructor(rule: WaitRule) {
    this.#rule = rule;
  }

  /** One more failure: how many there are now, and the wait that follows. */
  failed(person: string, nowMs: number): { readonly failures: number; readonly waitMs: number } {
    const { free, firstMs, longestMs, forgetMs } = this.#rule;
    const before = this.#failing.get(person);
    const isForgotten = before !== undefined && nowMs - before.lastAtMs > forgetMs;
    const failures = (isForgotten ? 0 : (before?.failures ?? 0)) + 1;
    const over = failures - free;
    const waitMs = over > 0 ? growing(over - 1, firstMs, longestMs) : 0;
    keepNewest(this.#failing, { key: person, value: { failures, lastAtMs: nowMs, waitUntilMs: nowMs + waitMs } });
    return { failures, waitMs };
  }

  passed(person: string): void {
    this.#failing.delete(person);
  }

  isWaiting(person: string, nowMs: number): boolean {
    const failing = this.#failing.get(person);
    return failing !== undefined && nowMs < failing.waitUntilMs;
  }
}

/** Twice as long each time, up to the longest. */
export function growing(times: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(times, 30));
}

/** Puts an entry last, and forgets the oldest beyond the bound. */
export function keepNewest<T>(map: Map<string, T>, { key, value }: { key: string; value: T }): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= maxPeople) break;
    map.delete(oldest);
  }
}
