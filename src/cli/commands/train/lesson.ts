import { exitCode } from "../../../core/errors.ts";
import { type SeededRandom, seededRandom } from "../../../core/random.ts";
import { loadConfig } from "../../../daemon/config/load.ts";
import { TrainedStore } from "../../../daemon/people/trained-store.ts";
import { openFaceSource } from "../../../lab/evaluate/face-source.ts";
import type { Checkpoint } from "../../../lab/train/checkpoint.ts";
import { samplesOf, type Train } from "../../../lab/train/cross-validate.ts";
import { type Photographs, readFaces, requireEnough } from "../../../lab/train/photographs.ts";
import { putInForce } from "../../../lab/train/put-in-force.ts";
import type { Samples } from "../../../lab/train/samples.ts";
import { type TrialResult, tryModel } from "../../../lab/train/trial.ts";
import { defaultConfigFile, userModelCache } from "../../defaults.ts";
import { interruptible } from "../../interruptible.ts";
import { print } from "../../output.ts";
import { brokenOffText } from "./checkpoint.ts";
import { note, pictureBar, sayNothingLearnt, stepBar } from "./common.ts";
import { type Learnt, learntText } from "./lesson-text.ts";

export interface LessonOptions {
  readonly folds: number;
  readonly copies: number;
  readonly seed: number;
  readonly activate?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** What one kind of model does in its own way. */
export interface Lesson {
  readonly kind: Learnt["kind"];
  /** Units of progress of one model. */
  readonly stepsEach: number;
  readonly checkpoint?: Checkpoint;
  /** Called once, when the photographs were read. */
  begin?(samples: Samples): Promise<void>;
  trainer(tools: Tools): Train;
}

interface Tools {
  readonly random: SeededRandom;
  readonly signal: AbortSignal;
  onStep(step: number): void;
}

/** Photographs to a tried model, and into force if that is wanted and right. */
export async function learn(directory: string, options: LessonOptions, lesson: Lesson): Promise<void> {
  // Read before hours may have been spent.
  const config = options.activate ? loadConfig(options.config ?? defaultConfigFile, process.env) : undefined;
  const random = seededRandom(options.seed);
  const { signal, stop } = interruptible();
  try {
    const photographs = await read(directory, options, { random, signal });
    if (photographs === null) return sayNothingLearnt();
    requireEnough(photographs.faces, Math.max(4, options.folds * 2));
    await lesson.begin?.(samplesOf(photographs.faces));
    const result = await tried(photographs, lesson, { options, random, signal });
    const counted = { people: photographs.people, pictures: photographs.faces.length };
    const isWanted = config !== undefined && result !== null && !signal.aborted;
    const activated = isWanted ? await putInForce(new TrainedStore(config.stateDirectory), result, counted) : null;
    const kept = signal.aborted ? lesson.checkpoint : undefined;
    if (kept === undefined) await lesson.checkpoint?.remove();
    const learnt: Learnt = {
      ...{ kind: lesson.kind, ...counted, failed: photographs.failed, trial: result?.trial ?? null, activated },
      ...{ interrupted: signal.aborted, checkpoint: kept?.folder ?? null },
    };
    print(options, learnt, () => learntText(learnt, options));
    if (kept) note(brokenOffText(kept, options.folds + 1));
    if (!result?.trial.isBetter || signal.aborted) process.exitCode = exitCode.no;
  } finally {
    stop();
  }
}

// --- internal ---

async function read(
  directory: string,
  { copies }: LessonOptions,
  { random, signal }: { random: SeededRandom; signal: AbortSignal },
): Promise<Photographs | null> {
  const { source, close } = await openFaceSource("fused", userModelCache(process.env));
  const { onProgress, stop } = pictureBar();
  try {
    return await readFaces(source, directory, { copies, random, signal, onProgress });
  } finally {
    stop();
    await close();
  }
}

async function tried(
  { faces }: Photographs,
  lesson: Lesson,
  { options, random, signal }: { options: LessonOptions; random: SeededRandom; signal: AbortSignal },
): Promise<TrialResult | null> {
  const models = options.folds + 1;
  note(`training ${models} models: one for each part of the people, and one on all of them`);
  const bar = stepBar(models, lesson.stepsEach);
  const train = lesson.trainer({ random, signal, onStep: (step) => bar.at(step) });
  try {
    return await tryModel(faces, {
      k: options.folds,
      random,
      train: async (samples) => {
        const model = await train(samples);
        if (model !== null) bar.modelDone();
        return model;
      },
    });
  } finally {
    bar.stop();
  }
}
