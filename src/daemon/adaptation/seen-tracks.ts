import type { Sighting } from "../../vision/protocol.ts";

/** A frame that went up for a decision. */
export type SeenFrame = Pick<Sighting, "embedding" | "secondEmbedding"> & {
  readonly face: NonNullable<Sighting["face"]>;
};

/** What was seen of one track, from its first sighting on. */
export interface SeenTrack {
  readonly frames: readonly SeenFrame[];
  /** For whom the door opened. */
  readonly person: string | null;
  /** At some time it was a living head with depth; at none anything was held against it. */
  readonly isDeep: boolean;
  readonly isSuspect: boolean;
}

/** More is not needed; a face that stays for hours and tracks whose end was never told must not fill the memory. */
const mostFrames = 12;
const mostTracks = 64;
const nothingSeen: SeenTrack = { frames: [], person: null, isDeep: false, isSuspect: false };

/** Remembers the faces in view, vectors as they came, for as long as they are there. */
export class SeenTracks {
  readonly #tracks = new Map<number, SeenTrack>();

  note({ trackId, liveness, face, embedding, secondEmbedding }: Sighting): void {
    const before = this.#tracks.get(trackId) ?? nothingSeen;
    const { verdict, cues } = liveness;
    const isDeep = verdict === "live" && cues.some((cue) => cue.name === "parallax" && cue.verdict === "live");
    const isNew = face !== undefined && embedding !== undefined && before.frames.length < mostFrames;
    this.#keep(trackId, {
      ...before,
      frames: isNew ? [...before.frames, { face, embedding, secondEmbedding }] : before.frames,
      isDeep: before.isDeep || isDeep,
      isSuspect: before.isSuspect || verdict === "spoof",
    });
  }

  granted(trackId: number, person: string): void {
    this.#keep(trackId, { ...(this.#tracks.get(trackId) ?? nothingSeen), person });
  }

  /** The track, which is forgotten with this. */
  take(trackId: number): SeenTrack {
    const seen = this.#tracks.get(trackId) ?? nothingSeen;
    this.#tracks.delete(trackId);
    return seen;
  }

  clear(): void {
    this.#tracks.clear();
  }

  // --- internal ---

  #keep(trackId: number, seen: SeenTrack): void {
    this.#tracks.set(trackId, seen);
    for (const oldest of this.#tracks.keys()) {
      if (this.#tracks.size <= mostTracks) break;
      this.#tracks.delete(oldest);
    }
  }
}
