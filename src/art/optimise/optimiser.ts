import type { Logger } from "../../core/logger.ts";
import type { PaintingState } from "../checkpoint.ts";
import type { Losses } from "../scene.ts";
import type { PaintSettings } from "../settings.ts";
import { noNumber, StepBack } from "../step-back.ts";
import { Adam, freshAdam, type Planes } from "./adam.ts";
import { Lbfgs } from "./lbfgs.ts";
import type { Level } from "./pyramid.ts";
import { addTotalVariation } from "./total-variation.ts";

export type MutableState = { -readonly [K in keyof PaintingState]: PaintingState[K] };

/** What was lost where a step began (with L-BFGS: where it ended). */
export interface StepLosses {
  readonly content: number;
  readonly style: number;
  readonly variation: number;
}

/** Changes the pixels of one size, step by step. */
export interface Optimiser {
  /** Counts the step in the state. Undefined when the loss was no number and the picture went back to where it was sound. */
  step(state: MutableState): Promise<StepLosses | undefined>;
  /** After the last step of the size. */
  finish(state: MutableState): void;
}

export interface OptimiserParts {
  readonly settings: PaintSettings;
  readonly level: Level;
  /** Lowest and highest value of each plane. */
  readonly bounds: readonly (readonly [low: number, high: number])[];
  losses(picture: Planes): Promise<Losses>;
  readonly logger: Logger;
}

/** The part of the state that is the optimiser's, before the first step at a size. */
export function freshMemory(optimiser: PaintSettings["optimiser"], pixels: Float32Array) {
  const none = new Float32Array(0);
  if (optimiser === "adam") return { ...freshAdam(pixels), history: [] };
  return { pixels, firstMoment: none, secondMoment: none, average: none, history: [] };
}

export function createOptimiser(parts: OptimiserParts, state: MutableState): Optimiser {
  return parts.settings.optimiser === "adam" ? new AdamOptimiser(parts, state) : new LbfgsOptimiser(parts, state);
}

// --- internal ---

/** The part of a level's steps, at its end, whose iterates are averaged: every few of them, which is as good and cheaper. */
const averagedPart = 1 / 3;
const averagedEverySteps = 4;

class AdamOptimiser implements Optimiser {
  readonly #parts: OptimiserParts;
  readonly #back: StepBack;
  readonly #adam: Adam;

  constructor(parts: OptimiserParts, state: MutableState) {
    this.#parts = parts;
    this.#back = new StepBack(state, parts.logger);
    this.#adam = new Adam(state, state);
    Object.assign(state, this.#adam.state);
  }

  async step(state: MutableState): Promise<StepLosses | undefined> {
    const { settings, level, bounds } = this.#parts;
    const { content, style, gradient } = await this.#parts.losses(planesOf(state));
    if (!Number.isFinite(content + style)) {
      this.#back.stepBack(state);
      return undefined;
    }
    this.#back.keep(state);
    state.levelStep++;
    state.step++;
    state.momentStep++;
    const variation = this.#adam.step(gradient, {
      step: state.momentStep,
      rate: learningRate(settings) * state.rate * Math.min(1, 2 * (1 - state.levelStep / (level.steps + 1))),
      averaged: averagedCount(state.levelStep, level.steps),
      bounds,
      totalVariation: variationWeight(settings, state),
    });
    return { content, style, variation };
  }

  finish(state: MutableState): void {
    state.pixels.set(state.average);
  }
}

/** In the longest move of L-BFGS, in learning rates. */
const longestMove = 8;

class LbfgsOptimiser implements Optimiser {
  readonly #parts: OptimiserParts;
  readonly #lbfgs: Lbfgs;
  readonly #size: Omit<Planes, "data">;
  readonly #variation: number;
  #isTold = false;
  #last: { readonly values: StepLosses; readonly loss: number }[] = [];

  constructor(parts: OptimiserParts, state: MutableState) {
    this.#parts = parts;
    this.#size = { width: state.width, height: state.height };
    this.#variation = variationWeight(parts.settings, state);
    const rate = learningRate(parts.settings);
    const evaluate = (place: Float32Array) => this.#evaluate(place);
    const moves = { firstMove: rate, longestMove: longestMove * rate };
    this.#lbfgs = new Lbfgs({ evaluate, bounds: parts.bounds, ...moves }, state.pixels, state.history);
  }

  /** Throws `LINTEL_E_PAINTING` when no move, however small, has a loss that is a number. */
  async step(state: MutableState): Promise<StepLosses | undefined> {
    this.#last = this.#last.slice(-1);
    const outcome = await this.#lbfgs.step();
    if (outcome === "no number") throw noNumber(state.step, this.#last.length);
    const sound = this.#last.filter(({ loss }) => Number.isFinite(loss));
    const accepted = outcome === "lower" ? sound.at(-1) : sound[0];
    // Where there is nowhere lower to go, the remaining steps of this size are done.
    const done = outcome === "lower" ? 1 : this.#parts.level.steps - state.levelStep;
    if (accepted === undefined) throw new Error("a step without a loss");
    this.#last = [accepted];
    state.levelStep += done;
    state.step += done;
    state.history = this.#lbfgs.history;
    return accepted.values;
  }

  finish(): void {}

  async #evaluate(place: Float32Array) {
    const planes = { ...this.#size, data: place };
    const losses = await this.#parts.losses(planes);
    const gradient = losses.gradient.slice();
    const variation = addTotalVariation(planes, this.#variation, gradient);
    const { content, style } = losses;
    const loss = content + style + variation;
    this.#last.push({ values: { content, style, variation }, loss });
    if (!Number.isFinite(loss) && !this.#isTold) {
      this.#isTold = true;
      this.#parts.logger.warn({}, "loss is no number, moving less far");
    }
    return { value: loss, gradient };
  }
}

function planesOf({ pixels, width, height }: PaintingState): Planes {
  return { data: pixels, width, height };
}

/** A dream that goes its way too fast forgets what it began with. */
function learningRate(settings: PaintSettings): number {
  return settings.learningRate ?? (settings.mode === "dream" ? 2 : 8);
}

/** Brings the total variation of a picture to the size of the other losses. */
function variationWeight({ totalVariation }: PaintSettings, { pixels }: PaintingState): number {
  return totalVariation / (pixels.length * 255 ** 2);
}

/** How many iterates are averaged with this one, or 0 when this one is not among them. The last one always is. */
function averagedCount(step: number, steps: number): number {
  const before = steps - step;
  if (before >= steps * averagedPart || before % averagedEverySteps !== 0) return 0;
  const all = Math.ceil((steps * averagedPart) / averagedEverySteps);
  return all - before / averagedEverySteps;
}
