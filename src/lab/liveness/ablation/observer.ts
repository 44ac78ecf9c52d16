import { type Evidence, noEvidence, withMesh } from "../../../pipeline/liveness/evidence.ts";
import { fuse } from "../../../pipeline/liveness/fuse.ts";
import type { CueResult } from "../../../pipeline/types.ts";
import type { Sighting } from "../../../vision/protocol.ts";
import type { Trying } from "../experiments/experiment.ts";
import { beginExperiments } from "../experiments/experiments.ts";
import type { LastLook } from "./watched-landmarks.ts";

/** What one cue made of a track. */
export interface CueOfTrack {
  readonly name: string;
  /** At the rule's first `live`, or at the end. */
  readonly score: number;
  /** The least score it ever gave: how near it came to denying. */
  readonly leastScore: number;
  /** When it first said `spoof`; null when it never did. */
  readonly spoofAtMs: number | null;
}

/** A track as the rule and every cue judged it. Times are those of the frames. */
export interface ObservedTrack {
  readonly frames: number;
  /** When the rule first would have said `live`, had nothing denied it; null when never. */
  readonly liveAtMs: number | null;
  readonly cues: readonly CueOfTrack[];
}

interface Following {
  frames: number;
  evidence: Evidence;
  liveAtMs: number | null;
  readonly trying: readonly Trying[];
  readonly cues: Map<string, CueOfTrack>;
}

/** Follows every track of one visit or recording with the cues that are tried out, beside those of the door. */
export class Observer {
  readonly #last: () => LastLook | null;
  readonly #tracks = new Map<number, Following>();

  constructor(last: () => LastLook | null) {
    this.#last = last;
  }

  /** Gives back the sighting without any denial, so that the visit goes on and shows what each cue alone is worth. */
  sighted(sighting: Sighting): Sighting {
    const look = this.#last();
    const { face, capturedAtMs: atMs, liveness } = sighting;
    const undenied = fuse(liveness.cues.filter(({ verdict }) => verdict !== "spoof")).verdict;
    const amended = { ...sighting, liveness: { ...liveness, verdict: undenied } };
    if (!face || !look || face.reasons.some((reason) => reason !== "turned-away")) return amended;
    const track = this.#trackOf(sighting.trackId);
    track.frames++;
    track.evidence = withMesh(track.evidence, { mesh: look.mesh, atMs, isVerified: false });
    for (const trying of track.trying) trying.look({ ...look, atMs, evidence: track.evidence });
    const isDecided = track.liveAtMs !== null;
    if (undenied === "live") track.liveAtMs ??= atMs;
    const results = [...liveness.cues, ...track.trying.map((trying) => trying.verdict())];
    for (const result of results) note(track, result, { atMs, isDecided });
    return amended;
  }

  /** Tracks of which enough was seen. */
  tracks(minFrames = 10): ObservedTrack[] {
    return [...this.#tracks.values()]
      .filter(({ frames }) => frames >= minFrames)
      .map(({ frames, liveAtMs, cues }) => ({ frames, liveAtMs, cues: [...cues.values()] }));
  }

  // --- internal ---

  #trackOf(id: number): Following {
    const known = this.#tracks.get(id);
    if (known) return known;
    const fresh: Following = {
      ...{ frames: 0, evidence: noEvidence, liveAtMs: null },
      ...{ trying: beginExperiments(), cues: new Map() },
    };
    this.#tracks.set(id, fresh);
    return fresh;
  }
}

// --- internal ---

function note(track: Following, result: CueResult, { atMs, isDecided }: { atMs: number; isDecided: boolean }): void {
  const before = track.cues.get(result.name);
  track.cues.set(result.name, {
    name: result.name,
    score: isDecided && before ? before.score : result.score,
    leastScore: Math.min(before?.leastScore ?? 1, result.score),
    spoofAtMs: before?.spoofAtMs ?? (result.verdict === "spoof" ? atMs : null),
  });
}
