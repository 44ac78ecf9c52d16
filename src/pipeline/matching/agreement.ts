import { freshness } from "../../core/clock.ts";

/** What one frame said: the person it was taken for, or null. Times are monotonic milliseconds. */
export interface FrameVote {
  readonly personId: string | null;
  readonly capturedAtMs: number;
}

export interface AgreementRule {
  /** Votes that must name the same person; more than half of `n`. */
  readonly m: number;
  /** Of this many latest frames. */
  readonly n: number;
  readonly maxAgeMs: number;
}

/** Two of the last three frames, each younger than a second. */
export const twoOfThree: AgreementRule = { m: 2, n: 3, maxAgeMs: 1000 };

/**
 * The person that enough of the latest fresh frames agree on, or null. A frame counts once however often it is handed in;
 * stale frames and frames from the future count as nothing.
 */
export function agreedPerson(votes: readonly FrameVote[], nowMs: number, rule = twoOfThree): string | null {
  if (!(rule.m <= rule.n && rule.m * 2 > rule.n)) {
    throw new RangeError(`${rule.m} of ${rule.n} could agree on two people, or on nobody ever`);
  }
  const byFrame = new Map<number, string | null>();
  for (const { capturedAtMs, personId } of votes) {
    if (freshness(capturedAtMs, nowMs, rule.maxAgeMs) !== "fresh") continue;
    // One frame that names two people names nobody.
    const isContradicted = byFrame.has(capturedAtMs) && byFrame.get(capturedAtMs) !== personId;
    byFrame.set(capturedAtMs, isContradicted ? null : personId);
  }
  const latest = [...byFrame].sort(([a], [b]) => b - a).slice(0, rule.n);
  for (const [, person] of latest) {
    if (person !== null && latest.filter(([, other]) => other === person).length >= rule.m) return person;
  }
  return null;
}
