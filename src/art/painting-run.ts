import type { Clock } from "../core/clock.ts";
import { LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { PaintingState } from "./checkpoint.ts";
import { withColoursOf } from "./colour.ts";
import { extractFeatures } from "./features.ts";
import { type Fidelity, fidelityOf } from "./fidelity.ts";
import { noisePlanes } from "./noise.ts";
import { adamStep, freshAdam, type Planes } from "./optimise/adam.ts";
import { resizePlanes, toPicture, toPlanes } from "./optimise/planes.ts";
import type { Level } from "./optimise/pyramid.ts";
import type { Painting, PaintOptions } from "./paint.ts";
import { decodePicture, type Picture } from "./picture.ts";
import { contentAt, layersOf, openScene, type Scene, type SceneParts } from "./scene.ts";
import { StepBack } from "./step-back.ts";

export interface PaintingRunParts {
  readonly scene: SceneParts;
  readonly levels: readonly Level[];
  readonly paintingHash: string;
  readonly options: PaintOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The part of a level's steps, at its end, whose iterates are averaged: every few of them, which is as good and cheaper. */
const averagedPart = 1 / 3;
const averagedEverySteps = 4;
/** Brings the total variation of a picture to the size of the other losses. */
const variationScale = 1;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One painting from its first step, or a checkpoint, to the last. */
export class PaintingRun {
  readonly #parts: PaintingRunParts;
  readonly #steps: number;
  readonly #stepTimesMs: number[] = [];

  constructor(parts: PaintingRunParts) {
    this.#parts = parts;
    this.#steps = parts.levels.reduce((sum, level) => sum + level.steps, 0);
  }

  async paint(): Promise<Painting> {
    const startedMs = this.#parts.clock.nowMs();
    const state = await this.#firstState();
    let fidelity: Fidelity = { styleDistance: null, contentCorrelation: null };
    for (let isOpen = true; isOpen; ) {
      const level = this.#level(state);
      const scene = await openScene(this.#parts.scene, level);
      let isLevelDone: boolean;
      try {
        isLevelDone = await this.#paintLevel(state, level, scene);
      } finally {
        await scene.close();
      }
      isOpen = isLevelDone && state.level < this.#parts.levels.length - 1;
      if (isOpen) this.#enlarge(state);
      else if (isLevelDone) fidelity = await this.#fidelity(state, scene);
    }
    const seconds = (this.#parts.clock.nowMs() - startedMs) / 1000;
    return this.#painting(state, { seconds, fidelity });
  }

  /** Says whether all steps of the level were done. */
  async #paintLevel(state: Mutable<PaintingState>, level: Level, scene: Scene): Promise<boolean> {
    const { signal, beforeStep, checkpointEverySteps = 0, onCheckpoint } = this.#parts.options;
    const back = new StepBack(state, this.#parts.logger);
    while (state.levelStep < level.steps) {
      await beforeStep?.();
      if (signal?.aborted) return false;
      const startMs = this.#parts.clock.nowMs();
      if (!(await this.#step(state, { level, scene, back }))) continue;
      if (state.level === this.#parts.levels.length - 1) this.#stepTimesMs.push(this.#parts.clock.nowMs() - startMs);
      if (checkpointEverySteps > 0 && state.step % checkpointEverySteps === 0) await onCheckpoint?.(state);
    }
    state.pixels.set(state.average);
    return true;
  }

  /** False when the loss was no number and the picture went back to where it was sound. */
  async #step(state: Mutable<PaintingState>, at: { level: Level; scene: Scene; back: StepBack }): Promise<boolean> {
    const { settings, network } = this.#parts.scene;
    const planes = planesOf(state);
    const losses = await at.scene.losses(planes);
    if (!Number.isFinite(losses.content + losses.style)) {
      at.back.stepBack(state);
      return false;
    }
    at.back.keep(state);
    state.levelStep++;
    state.step++;
    state.momentStep++;
    const { steps } = at.level;
    const variation = adamStep(
      state,
      { ...planes, data: losses.gradient },
      {
        step: state.momentStep,
        rate: settings.learningRate * state.rate * Math.min(1, 2 * (1 - state.levelStep / (steps + 1))),
        averaged: averagedCount(state.levelStep, steps),
        bounds: network.mean.map((mean) => [-mean, 255 - mean]),
        totalVariation: (settings.totalVariation * variationScale) / (state.pixels.length * 255 ** 2),
      },
    );
    const loss = losses.content + losses.style + variation;
    state.loss = [...state.loss, loss];
    this.#tell(state, { loss, content: losses.content, style: losses.style });
    return true;
  }

  #tell(state: PaintingState, values: { loss: number; content: number; style: number }): void {
    const { visible } = this.#level(state);
    const share = shareOfWork(this.#parts.levels, state);
    const preview = () => toPicture(planesOf(state), visible, this.#parts.scene.network.mean);
    this.#parts.options.onStep?.({ ...values, ...visible, share, step: state.step, steps: this.#steps, preview });
  }

  async #firstState(): Promise<Mutable<PaintingState>> {
    const { paintingHash, options, levels } = this.#parts;
    const { resumeFrom } = options;
    if (resumeFrom === undefined) {
      const { data, width, height } = await this.#firstPlanes(this.#level({ level: 0 }));
      const fixed = { paintingHash, width, height, rate: 1, loss: [] };
      return { ...fixed, level: 0, levelStep: 0, step: 0, momentStep: 0, ...freshAdam(data) };
    }
    const canvas = levels[resumeFrom.level]?.canvas;
    const isSame = canvas?.width === resumeFrom.width && canvas.height === resumeFrom.height;
    if (resumeFrom.paintingHash !== paintingHash || !isSame) {
      throw new LintelError("LINTEL_E_CONFLICT", "the checkpoint is of another painting", {
        hint: "Its settings, inputs or network were others. Delete it to begin anew.",
      });
    }
    const { pixels, firstMoment, secondMoment, average } = resumeFrom;
    return {
      ...resumeFrom,
      pixels: pixels.slice(),
      firstMoment: firstMoment.slice(),
      secondMoment: secondMoment.slice(),
      average: average.slice(),
    };
  }

  async #firstPlanes({ visible, canvas }: Level): Promise<Planes> {
    const { inputs, network, settings } = this.#parts.scene;
    if (inputs.from === "noise") return noisePlanes(canvas, settings.seed);
    const start = inputs.from === "picture" ? inputs.start : undefined;
    const picture = start ? await decodePicture(start, visible) : await contentAt(this.#parts.scene, visible);
    if (picture === undefined) throw new Error("nothing to start from");
    return toPlanes(picture, canvas, network.mean);
  }

  #enlarge(state: Mutable<PaintingState>): void {
    const from = this.#level(state);
    state.level++;
    const to = this.#level(state);
    const { data, width, height } = resizePlanes(planesOf(state), from.visible, to);
    Object.assign(state, { width, height, levelStep: 0, momentStep: 0, ...freshAdam(data) });
  }

  async #fidelity(state: PaintingState, { targets, before }: Scene): Promise<Fidelity> {
    const { plan } = this.#parts.scene;
    const [after] = await extractFeatures({ ...this.#parts.scene, layers: layersOf(plan) }, [planesOf(state)]);
    if (after === undefined) throw new Error("no features");
    return fidelityOf(plan, targets, { before, after });
  }

  async #painting(
    state: PaintingState,
    { seconds, fidelity }: { seconds: number; fidelity: Fidelity },
  ): Promise<Painting> {
    const { scene, clock } = this.#parts;
    const picture = await this.#picture(state);
    const { network } = scene;
    const provenance = {
      settings: scene.settings,
      inputs: scene.inputs.record,
      network: { name: network.name, sha256: network.sha256, licence: network.licence },
      engine: `${scene.graphs.name} ${scene.graphs.device}`,
      width: picture.width,
      height: picture.height,
      steps: state.step,
      seconds,
      stepMs: median(this.#stepTimesMs),
      loss: state.loss,
      fidelity,
      paintedAt: clock.date().toISOString(),
    };
    return { picture, isFinished: state.step === this.#steps, provenance };
  }

  /** At the full size, whatever size was reached, and in its colours. */
  async #picture(state: PaintingState): Promise<Picture> {
    const { scene, levels } = this.#parts;
    const last = this.#level({ level: levels.length - 1 });
    const planes = resizePlanes(planesOf(state), this.#level(state).visible, last);
    const picture = toPicture(planes, last.visible, scene.network.mean);
    const { content } = scene.inputs;
    if (scene.settings.preserveColour !== "luminance" || content === undefined) return picture;
    return withColoursOf(picture, await decodePicture(content, last.visible));
  }

  #level({ level }: Pick<PaintingState, "level">): Level {
    const found = this.#parts.levels[level];
    if (found === undefined) throw new Error(`no level ${level}`);
    return found;
  }
}

// --- internal ---

function planesOf({ pixels, width, height }: PaintingState): Planes {
  return { data: pixels, width, height };
}

/** How many iterates are averaged with this one, or 0 when this one is not among them. The last one always is. */
function averagedCount(step: number, steps: number): number {
  const before = steps - step;
  if (before >= steps * averagedPart || before % averagedEverySteps !== 0) return 0;
  const all = Math.ceil((steps * averagedPart) / averagedEverySteps);
  return all - before / averagedEverySteps;
}

/** Work goes with the pixels. */
function shareOfWork(levels: readonly Level[], { level, levelStep }: PaintingState): number {
  const pixels = ({ canvas }: Level) => canvas.width * canvas.height;
  let [done, all] = [0, 0];
  for (const [index, each] of levels.entries()) {
    all += each.steps * pixels(each);
    if (index < level) done += each.steps * pixels(each);
    if (index === level) done += levelStep * pixels(each);
  }
  return done / all;
}

/** 0 when nothing was timed. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
