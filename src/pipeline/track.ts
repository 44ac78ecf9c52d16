import { intersectionOverUnion } from "./geometry.ts";
import type { Box, Detection } from "./types.ts";

/** One person in front of the door, as far as position can tell. */
export interface Track {
  /** Counts up from 1 and is never used again. */
  readonly id: number;
  /** Where the face was seen last. */
  readonly box: Box;
  readonly score: number;
  /** The detection of the newest frame; null while the face is not seen. */
  readonly detection: Detection | null;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface Tracks {
  readonly tracks: readonly Track[];
  readonly nextId: number;
}

export interface TrackStep {
  readonly tracks: Tracks;
  /** Tracks that were not seen for `lossMs`. */
  readonly ended: readonly Track[];
}

export const noTracks: Tracks = { tracks: [], nextId: 1 };

/** A face may be hidden, blurred or missed by the detector for this long. */
export const lossMs = 500;
/** More faces than this are a crowd (or a poster); the smallest are left out. */
const maxTracks = 8;
/** Boxes that overlap less can still be one face in quick motion, when their centres lie within this many face widths. */
const minOverlap = 0.2;
const maxCentreDistance = 0.7;
const maxSizeRatio = 1.6;

/**
 * Carries tracks into the next frame. Every detection belongs to one track at most and every track to one detection at most, the
 * closest pairs first: two people in one frame can never be one track. Greedy association is enough for the handful of faces at a
 * door (Bochinski et al. 2017).
 */
export function step(before: Tracks, detections: readonly Detection[], nowMs: number): TrackStep {
  const faces = [...detections].sort((p, q) => q.box.width - p.box.width).slice(0, maxTracks);
  const matches = associate(before.tracks, faces);
  const kept: Track[] = [];
  const ended: Track[] = [];
  for (const track of before.tracks) {
    const face = matches.get(track);
    if (face) kept.push({ ...track, box: face.box, score: face.score, detection: face, lastSeenMs: nowMs });
    else if (nowMs - track.lastSeenMs > lossMs) ended.push(track);
    else kept.push({ ...track, detection: null });
  }
  const taken = new Set(matches.values());
  let { nextId } = before;
  for (const face of faces) {
    if (taken.has(face) || kept.length >= maxTracks) continue;
    kept.push(newTrack(nextId, face, nowMs));
    nextId++;
  }
  return { tracks: { tracks: kept, nextId }, ended };
}

/**
 * Gives a track a new identity in place: whoever stands there now is not who stood there before. The old track has ended.
 */
export function restart(before: Tracks, trackId: number, nowMs: number): { tracks: Tracks; newId: number } {
  const newId = before.nextId;
  const tracks = before.tracks.map((track) =>
    track.id === trackId ? { ...track, id: newId, firstSeenMs: nowMs } : track,
  );
  return { tracks: { tracks, nextId: newId + 1 }, newId };
}

// --- internal ---

function newTrack(id: number, face: Detection, nowMs: number): Track {
  return { id, box: face.box, score: face.score, detection: face, firstSeenMs: nowMs, lastSeenMs: nowMs };
}

function associate(tracks: readonly Track[], faces: readonly Detection[]): Map<Track, Detection> {
  const pairs: { track: Track; face: Detection; closeness: number }[] = [];
  for (const track of tracks) {
    for (const face of faces) {
      const closeness = closenessOf(track.box, face.box);
      if (closeness !== null) pairs.push({ track, face, closeness });
    }
  }
  pairs.sort((p, q) => q.closeness - p.closeness);
  const matches = new Map<Track, Detection>();
  const taken = new Set<Detection>();
  for (const { track, face } of pairs) {
    if (matches.has(track) || taken.has(face)) continue;
    matches.set(track, face);
    taken.add(face);
  }
  return matches;
}

/** How well two boxes fit as one face in successive frames, more is better; null: not at all. */
function closenessOf(p: Box, q: Box): number | null {
  const sizeRatio = Math.max(p.width, q.width) / Math.max(1e-6, Math.min(p.width, q.width));
  if (!(sizeRatio <= maxSizeRatio)) return null;
  const overlap = intersectionOverUnion(p, q);
  if (overlap >= minOverlap) return 1 + overlap;
  const distance = Math.hypot(p.x + p.width / 2 - q.x - q.width / 2, p.y + p.height / 2 - q.y - q.height / 2);
  const inWidths = distance / ((p.width + q.width) / 2);
  return inWidths <= maxCentreDistance ? 1 - inWidths / maxCentreDistance : null;
}
