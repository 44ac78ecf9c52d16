import type { EventLog } from "../api.ts";
import { GrowingWait, growing, keepNewest } from "../growing-wait.ts";

/**
 * What follows from attempts that failed. A track waits longer after each decision against it, and a person after each
 * second factor that did not come. Nothing here binds the door or anybody else: strangers and imitators raise alarms,
 * and the person they imitate is let in all the same. `no-liveness-evidence` is a request to turn, no failure.
 */

/** After its first and second decision against it a track waits this long; the third stands until the track ends. */
const trackDelaysMs = [500, 1000] as const;

/** How long a track waits before it is judged again, after so many decisions against it. */
export function trackDelayMs(decisions: number): number {
  return trackDelaysMs[Math.min(decisions, trackDelaysMs.length) - 1] ?? 0;
}

/** So many different unknown tracks within the window are somebody who tries faces. */
export const probingRule = { tracks: 5, windowMs: 60_000, quietMs: 300_000 } as const;
/** So many spoofs of one person within the window raise an alarm; the next one for them waits twice as long each time. */
export const imitationRule = { spoofs: 3, windowMs: 600_000, firstQuietMs: 60_000, longestQuietMs: 3_600_000 } as const;
/** Failed second factors in a row that cost nothing, and the growing wait after that. */
export const factorRule = { free: 2, firstMs: 10_000, longestMs: 300_000, forgetMs: 3_600_000 } as const;

interface Imitated {
  spoofsAtMs: readonly number[];
  alarms: number;
  quietUntilMs: number;
}

export class Lockout {
  readonly #events: Pick<EventLog, "append">;
  #unknown: readonly { readonly track: number; readonly atMs: number }[] = [];
  #probingQuietUntilMs = Number.NEGATIVE_INFINITY;
  readonly #imitated = new Map<string, Imitated>();
  readonly #factors = new GrowingWait(factorRule);

  constructor(events: Pick<EventLog, "append">) {
    this.#events = events;
  }

  /** A track was taken for nobody. Raises `probing` when there are many. */
  unknownTrack(track: number, nowMs: number): void {
    const recent = this.#unknown.filter(
      ({ track: other, atMs }) => other !== track && within(atMs, nowMs, probingRule),
    );
    this.#unknown = [...recent, { track, atMs: nowMs }].slice(-probingRule.tracks);
    if (this.#unknown.length < probingRule.tracks || nowMs < this.#probingQuietUntilMs) return;
    this.#probingQuietUntilMs = nowMs + probingRule.quietMs;
    this.#events.append("probing", { tracks: this.#unknown.length, windowSeconds: probingRule.windowMs / 1000 });
  }

  /** A spoof had somebody's face: worth an alarm when it is tried again and again, never a reason to refuse them. */
  imitated(person: string, nowMs: number): void {
    const before = this.#imitated.get(person) ?? { spoofsAtMs: [], alarms: 0, quietUntilMs: Number.NEGATIVE_INFINITY };
    const spoofsAtMs = [...before.spoofsAtMs.filter((atMs) => within(atMs, nowMs, imitationRule)), nowMs].slice(-100);
    const isCalm = before.spoofsAtMs.length > 0 && spoofsAtMs.length === 1 && nowMs >= before.quietUntilMs;
    const alarms = isCalm ? 0 : before.alarms;
    if (spoofsAtMs.length < imitationRule.spoofs || nowMs < before.quietUntilMs) {
      keepNewest(this.#imitated, { key: person, value: { ...before, alarms, spoofsAtMs } });
      return;
    }
    const quietMs = growing(alarms, imitationRule.firstQuietMs, imitationRule.longestQuietMs);
    const value = { spoofsAtMs, alarms: alarms + 1, quietUntilMs: nowMs + quietMs };
    keepNewest(this.#imitated, { key: person, value });
    const windowSeconds = imitationRule.windowMs / 1000;
    this.#events.append("lockout", { kind: "imitation", imitated: person, spoofs: spoofsAtMs.length, windowSeconds });
  }

  /** The second factor of a recognised person did not come in time, or was the wrong one. */
  factorFailed(person: string, nowMs: number): void {
    const { failures, waitMs } = this.#factors.failed(person, nowMs);
    if (waitMs > 0) this.#events.append("lockout", { kind: "second-factor", person, failures, seconds: waitMs / 1000 });
  }

  factorPassed(person: string): void {
    this.#factors.passed(person);
  }

  /** Whether this person's second factor is not asked for now. Their face alone is refused by nobody's mistakes. */
  isFactorLocked(person: string, nowMs: number): boolean {
    return this.#factors.isWaiting(person, nowMs);
  }
}

// --- internal ---

function within(atMs: number, nowMs: number, { windowMs }: { windowMs: number }): boolean {
  return nowMs - atMs <= windowMs;
}
