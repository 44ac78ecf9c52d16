import { exponential, type Random } from "../core/random.ts";
import { between, ease } from "./chance.ts";

/** Blinks of a relaxed person: about 17 a minute (Bentivoglio et al., Movement Disorders 12, 1997), 100 to 250 ms each. */
export const blinksPerMinute = 17;
const durationMs = { shortest: 100, longest: 250 };

export interface Blink {
  readonly startMs: number;
  readonly durationMs: number;
}

/** The blinks of one person from time 0 on: a Poisson process, drawn as far as somebody asks. */
export class BlinkTrain {
  readonly #random: Random;
  readonly #blinks: Blink[] = [];
  #drawnUntilMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Every blink that has begun by `tMs`. */
  until(tMs: number): readonly Blink[] {
    this.#drawUntil(tMs);
    return this.#blinks.filter((blink) => blink.startMs <= tMs);
  }

  /** How far the lids are closed at a time: 0 open, 1 shut. */
  closure(tMs: number): number {
    this.#drawUntil(tMs);
    let most = 0;
    for (let i = this.#blinks.length - 1; i >= 0; i--) {
      const blink = this.#blinks[i];
      // One blink may have been drawn ahead; those long past cannot matter.
      if (!blink || tMs - blink.startMs > 2 * durationMs.longest) break;
      most = Math.max(most, lidClosure((tMs - blink.startMs) / blink.durationMs));
    }
    return most;
  }

  #drawUntil(tMs: number): void {
    while (this.#drawnUntilMs <= tMs) {
      this.#drawnUntilMs += exponential(this.#random, blinksPerMinute / 60_000);
      this.#blinks.push({
        startMs: this.#drawnUntilMs,
        durationMs: between(this.#random, durationMs.shortest, durationMs.longest),
      });
    }
  }
}

/** Lids fall fast, stay a moment and rise more slowly. `share`: 0 the beginning of the blink, 1 its end. */
function lidClosure(share: number): number {
  if (share <= 0 || share >= 1) return 0;
  if (share < 0.3) return ease(share / 0.3);
  return share < 0.55 ? 1 : ease((1 - share) / 0.45);
}
