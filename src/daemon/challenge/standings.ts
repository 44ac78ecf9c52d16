/** How far a track has come with its challenges. */
export interface Standing {
  readonly attempts: number;
  /** No further challenge begins before. */
  readonly restUntilMs: number;
  /** When the passive rule last found it live. */
  readonly lastLiveMs: number;
  readonly passed: { readonly person: string; readonly atMs: number; readonly hasDeclinedLight: boolean } | null;
  /** False once a display painted nothing of what was asked of it. */
  readonly hasDisplay: boolean;
}

const newStanding: Standing = {
  attempts: 0,
  restUntilMs: Number.NEGATIVE_INFINITY,
  lastLiveMs: Number.NEGATIVE_INFINITY,
  passed: null,
  hasDisplay: true,
};

/** The standing of every track. */
export class Standings {
  readonly #known = new Map<number, Standing>();

  of(trackId: number): Standing {
    return this.#known.get(trackId) ?? newStanding;
  }

  change(trackId: number, changes: Partial<Standing>): void {
    this.#known.set(trackId, { ...this.of(trackId), ...changes });
  }

  forget(trackId: number): void {
    this.#known.delete(trackId);
  }

  forgetAll(): void {
    this.#known.clear();
  }
}
