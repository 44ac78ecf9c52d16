import { LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { PaintingState } from "./checkpoint.ts";

/** How often a loss may be no number between two that are kept. */
const maxFailures = 6;
/** Pixels are kept now and then only: a copy at each step would cost more than the few steps that are lost. */
const keptEverySteps = 8;

type Recoverable = { rate: number; momentStep: number } & Pick<
  PaintingState,
  "step" | "pixels" | "firstMoment" | "secondMoment" | "average"
>;

/**
 * What to do when the loss is no number: back to the last pixels that had one, at half the rate and with fresh moments; the painting fails
 * when that does not help.
 */
export class StepBack {
  readonly #logger: Logger;
  readonly #pixels: Float32Array;
  #failures = 0;

  constructor(state: Recoverable, logger: Logger) {
    this.#logger = logger;
    this.#pixels = state.pixels.slice();
  }

  /** Remembers pixels, whose loss is known to be sound, every few steps. */
  keep({ step, pixels }: Recoverable): void {
    if (step % keptEverySteps !== 0) return;
    this.#pixels.set(pixels);
    this.#failures = 0;
  }

  /** Throws `LINTEL_E_PAINTING` after too many failures in a row. */
  stepBack(state: Recoverable): void {
    this.#failures++;
    const fields = { step: state.step, failures: this.#failures, rate: state.rate / 2 };
    if (this.#failures > maxFailures) throw noNumber(state.step, this.#failures);
    this.#logger.warn(fields, "loss is no number, stepping back");
    state.pixels.set(this.#pixels);
    // The mean of the iterates may have met one that was no number.
    state.average.set(this.#pixels);
    state.firstMoment.fill(0);
    state.secondMoment.fill(0);
    state.momentStep = 0;
    state.rate /= 2;
  }
}

/** The end of a painting whose loss stays without a number. */
export function noNumber(step: number, failures: number): LintelError {
  const message = `after step ${step} the loss is no number, ${failures} times at smaller and smaller steps`;
  return new LintelError("LINTEL_E_PAINTING", message, { hint: "Lower the weights, or choose other layers." });
}
