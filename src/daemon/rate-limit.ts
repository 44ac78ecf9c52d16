/** What a burst of lines leaves through, and how many it held back since the last one that passed. */
export type RateVerdict = { readonly pass: true; readonly suppressed: number } | { readonly pass: false };

/** A token bucket (Turner, 1986) over an injected time: `burst` at once, `perSecond` in the long run. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #lastMs: number | null = null;
  #suppressed = 0;

  constructor(limit: { readonly burst: number; readonly perSecond: number }) {
    this.#burst = limit.burst;
    this.#perSecond = limit.perSecond;
    this.#tokens = limit.burst;
  }

  take(nowMs: number): RateVerdict {
    const passedMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + (passedMs / 1000) * this.#perSecond);
    if (this.#tokens < 1) {
      this.#suppressed++;
      return { pass: false };
    }
    this.#tokens--;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return { pass: true, suppressed };
  }
}
