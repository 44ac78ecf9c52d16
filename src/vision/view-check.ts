import { blockMeans } from "../pipeline/motion.ts";
import type { Frame } from "../pipeline/types.ts";

/** Why a running camera shows nothing: no light (or a cap on the lens), or one even surface (a hand, tape, paint, glare). */
export type ViewProblem = "dark" | "covered";

/**
 * In grey levels of 256, over the means of 16 by 12 blocks, in which noise has gone. Dark: even the brightest blocks are darker than any
 * face that could be judged. Covered: from dark to bright the blocks differ less than in any scene.
 */
const darkBelow = 14;
const evenBelow = 20;
const lookEveryMs = 1_000;
const sureAfter = 5;

/** Tells a view in which nobody could be recognised. Looks once a second, and is sure after five looks; one good look ends it. */
export class ViewCheck {
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #bad = 0;
  #problem: ViewProblem | null = null;

  look(frame: Frame): ViewProblem | null {
    if (frame.capturedAtMs - this.#lookedAtMs < lookEveryMs) return this.#problem;
    this.#lookedAtMs = frame.capturedAtMs;
    const seen = viewProblem(frame);
    this.#bad = seen === null ? 0 : this.#bad + 1;
    if (seen === null) this.#problem = null;
    else if (this.#bad >= sureAfter) this.#problem = seen;
    return this.#problem;
  }

  /** The camera was away and may look elsewhere. */
  reset(): void {
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
    this.#bad = 0;
    this.#problem = null;
  }
}

/** What one picture says by itself. */
export function viewProblem(frame: Pick<Frame, "rgb" | "width" | "height">): ViewProblem | null {
  const sorted = blockMeans(frame).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const brightest = at(0.98);
  if (brightest < darkBelow) return "dark";
  return brightest - at(0.02) < evenBelow ? "covered" : null;
}
