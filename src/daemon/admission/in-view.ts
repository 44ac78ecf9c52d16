import type { TrackCase, Vote } from "./track-case.ts";
import { maxFrameAgeMs } from "./types.ts";

/** The tracks of the moment, each with its last sighting. */
export type SeenCases = ReadonlyMap<number, { readonly case: TrackCase; readonly seenAtMs: number }>;

/** A track seen within this time is in view together with the one being judged. */
const inViewMs = 300;

/**
 * One person cannot stand before the door twice: of two faces in view that are named alike only the nearer match may
 * open. The other waits, for it may be the same person whose first track was lost a moment ago.
 */
export function hasBetterRival(
  cases: SeenCases,
  { trackId, person, best }: { trackId: number; person: string; best: Vote },
  nowMs: number,
): boolean {
  const distance = best.identification.distance ?? Number.POSITIVE_INFINITY;
  return [...cases.values()].some(({ case: other, seenAtMs }) => {
    if (other.trackId === trackId || nowMs - seenAtMs > inViewMs) return false;
    return other.votes.some(
      ({ identification }) => identification.person === person && (identification.distance ?? distance) <= distance,
    );
  });
}

/** Tracks of nobody known that want in beside the one that was let in. */
export function tailgaters(cases: SeenCases, grantedTrack: number, nowMs: number): readonly number[] {
  return [...cases.values()]
    .filter(({ case: other, seenAtMs }) => {
      const isHere = nowMs - seenAtMs < maxFrameAgeMs && other.intent.isWanting;
      return other.trackId !== grantedTrack && other.status !== "granted" && isHere && other.claimed === null;
    })
    .map(({ case: other }) => other.trackId);
}
