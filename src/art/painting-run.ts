import type { Clock } from "../core/clock.ts";
import { LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { PaintingState } from "./checkpoint.ts";
import { withColoursOf } from "./colour.ts";
import type { Fidelity } from "./fidelity.ts";
import { rolled, shiftAt, unrolled } from "./jitter.ts";
import { noisePlanes } from "./noise.ts";
import type { Planes } from "./optimise/adam.ts";
import { createOptimiser, freshMemory, type MutableState, type Optimiser } from "./optimise/optimiser.ts";
import { resizePlanes, toPicture, toPlanes } from "./optimise/planes.ts";
import type { Level } from "./optimise/pyramid.ts";
import type { Painting, PaintOptions } from "./paint.ts";
import { decodePicture, type Picture } from "./picture.ts";
import { contentAt, openScene, type Scene, type SceneParts } from "./scene.ts";

export interface PaintingRunParts {
  readonly scene: SceneParts;
  readonly levels: readonly Level[];
  readonly paintingHash: string;
  readonly options: PaintOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

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
      if (isOpen) await this.#enlarge(state);
      else if (isLevelDone) fidelity = await scene.fidelity(planesOf(state));
    }
    const seconds = (this.#parts.clock.nowMs() - startedMs) / 1000;
    return this.#painting(state, { seconds, fidelity });
  }

  /** Says whether all steps of the level were done. */
  async #paintLevel(state: MutableState, level: Level, scene: Scene): Promise<boolean> {
    const { signal, beforeStep, checkpointEverySteps = 0, onCheckpoint } = this.#parts.options;
    const optimiser = this.#optimiser(state, level, scene);
    while (state.levelStep < level.steps) {
      await beforeStep?.();
      if (signal?.aborted) return false;
      const startMs = this.#parts.clock.nowMs();
      const losses = await optimiser.step(state);
      if (losses === undefined) continue;
      const loss = losses.content + losses.style + losses.variation;
      state.loss = [...state.loss, loss];
      this.#tell(state, { ...losses, loss });
      if (state.level === this.#parts.levels.length - 1) this.#stepTimesMs.push(this.#parts.clock.nowMs() - startMs);
      if (checkpointEverySteps > 0 && state.step % checkpointEverySteps === 0) await onCheckpoint?.(state);
    }
    optimiser.finish(state);
    return true;
  }

  #optimiser(state: MutableState, level: Level, scene: Scene): Optimiser {
    const { settings, network } = this.#parts.scene;
    const { logger } = this.#parts;
    const bounds = network.mean.map((mean) => [-mean, 255 - mean] as const);
    const jittered = async (picture: Planes) => {
      const shift = shiftAt(settings.seed, state.step);
      const losses = await scene.losses({ ...picture, data: rolled(picture, shift) });
      return { ...losses, gradient: unrolled({ ...picture, data: losses.gradient }, shift) };
    };
    const losses = settings.mode === "dream" ? jittered : (picture: Planes) => scene.losses(picture);
    return createOptimiser({ settings, level, bounds, losses, logger }, state);
  }

  #tell(state: PaintingState, values: { loss: number; content: number; style: number }): void {
    const { visible } = this.#level(state);
    const share = shareOfWork(this.#parts.levels, state);
    const preview = () => toPicture(planesOf(state), visible, this.#parts.scene.network.mean);
    this.#parts.options.onStep?.({ ...values, ...visible, share, step: state.step, steps: this.#steps, preview });
  }

  async #firstState(): Promise<MutableState> {
    const { paintingHash, options, levels } = this.#parts;
    const { resumeFrom } = options;
    if (resumeFrom === undefined) {
      const { data, width, height } = await this.#firstPlanes(this.#level({ level: 0 }));
      const fixed = { paintingHash, width, height, rate: 1, loss: [] };
      return { ...fixed, level: 0, levelStep: 0, step: 0, momentStep: 0, ...this.#fresh(data) };
    }
    const canvas = levels[resumeFrom.level]?.canvas;
    const isSame = canvas?.width === resumeFrom.width && canvas.height === resumeFrom.height;
    if (resumeFrom.paintingHash !== paintingHash || !isSame) {
      throw new LintelError("LINTEL_E_CONFLICT", "the checkpoint is of another painting", {
        hint: "Its settings, inputs or network were others. Delete it to begin anew.",
      });
    }
    const { pixels, firstMoment, secondMoment, average, history } = resumeFrom;
    return {
      ...resumeFrom,
      pixels: pixels.slice(),
      firstMoment: firstMoment.slice(),
      secondMoment: secondMoment.slice(),
      average: average.slice(),
      history: history.map((array) => array.slice()),
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

  #fresh(pixels: Float32Array) {
    return freshMemory(this.#parts.scene.settings.optimiser, pixels);
  }

  async #enlarge(state: MutableState): Promise<void> {
    const from = this.#level(state);
    state.level++;
    const to = this.#level(state);
    const { data, width, height } = await this.#enlarged(planesOf(state), from, to);
    Object.assign(state, { width, height, levelStep: 0, momentStep: 0, ...this.#fresh(data) });
  }

  /** Of a dream only what was dreamt is enlarged: the content itself is there at every size. */
  async #enlarged(planes: Planes, from: Level, to: Level): Promise<Planes> {
    const { settings, network } = this.#parts.scene;
    if (settings.mode !== "dream") return resizePlanes(planes, from.visible, to);
    const contentOf = async ({ visible, canvas }: Level) => {
      const content = await contentAt(this.#parts.scene, visible);
      if (content === undefined) throw new Error("a dream of nothing");
      return toPlanes(content, canvas, network.mean).data;
    };
    const [before, after] = [await contentOf(from), await contentOf(to)];
    const dreamt = resizePlanes(
      { ...planes, data: planes.data.map((value, i) => value - before[i]!) },
      from.visible,
      to,
    );
    return { ...dreamt, data: dreamt.data.map((value, i) => value + after[i]!) };
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
