import type { DisplayState } from "../api.ts";

type Prompt = NonNullable<DisplayState["prompt"]>;

interface Asked {
  readonly trackId: number;
  readonly prompt: Prompt;
  readonly sinceMs: number;
  readonly lastMs: number;
}

/** Shorter than this nobody reads and obeys a prompt. */
const readableMs = 1000;

/**
 * One display speaks to everybody before the door, so it speaks to one of them at a time: whoever was asked last keeps its
 * attention while there is still something to ask, and each prompt stands long enough to be read. Only somebody who is
 * recognised already and lacks nothing but a turn of the head comes before somebody who is given advice.
 */
export class Attention {
  #asked: Asked | null = null;

  /** Whether this prompt for this track may be shown now; then it counts as shown. */
  take(trackId: number, prompt: Prompt, nowMs: number): boolean {
    const asked = this.#asked;
    const isSame = asked?.trackId === trackId && asked.prompt === prompt;
    if (asked && !isSame && !mayReplace(asked, { trackId, prompt }, nowMs)) return false;
    this.#asked = { trackId, prompt, sinceMs: isSame ? asked.sinceMs : nowMs, lastMs: nowMs };
    return true;
  }

  /** The track has ended, or was judged: nothing is asked of it any more. */
  release(trackId: number): void {
    if (this.#asked?.trackId === trackId) this.#asked = null;
  }

  releaseAll(): void {
    this.#asked = null;
  }
}

// --- internal ---

function mayReplace(asked: Asked, next: { trackId: number; prompt: Prompt }, nowMs: number): boolean {
  if (next.trackId === asked.trackId) return nowMs - asked.sinceMs >= readableMs;
  return nowMs - asked.lastMs >= readableMs || (next.prompt === "turn" && asked.prompt !== "turn");
}
