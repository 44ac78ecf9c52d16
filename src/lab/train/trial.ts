import type { Random } from "../../core/random.ts";
import type { TrainedModel } from "../../pipeline/matching/trained.ts";
import { crossValidate, type LabelledFace, samplesOf, type Train } from "./cross-validate.ts";
import { type Change, changeAt } from "./pair-rates.ts";
import { scaleKnots } from "./scale.ts";

/** False match rates at which a model is judged; where there are too few pairs the first that has enough counts alone. */
const judgedFmrs = [1e-2, 1e-3, 1e-4] as const;

/** What a trial on people whom the models had not seen says. */
export interface Trial {
  readonly folds: number;
  readonly genuine: number;
  readonly impostor: number;
  /** As the door compares, without the model and with it. */
  readonly door: readonly Change[];
  /** The first embedder alone and the model alone. */
  readonly alone: readonly Change[];
  /** The model lowers a false non-match rate beyond its confidence interval, and raises none beyond it. */
  readonly isBetter: boolean;
  readonly says: string;
}

export interface TrialResult {
  readonly trial: Trial;
  /** Trained on everybody; its scale is that of the trials. */
  readonly model: TrainedModel;
}

/** Cross-validates by person, then trains on everybody. Null when a training was broken off. */
export async function tryModel(
  faces: readonly LabelledFace[],
  { k, random, train }: { k: number; random: Random; train: Train },
): Promise<TrialResult | null> {
  const validation = await crossValidate(faces, { k, random, train });
  if (validation === null) return null;
  const { pairs, alone, impostors } = validation;
  const changes = (of: typeof pairs): Change[] =>
    judgedFmrs.flatMap((fmr) => {
      const change = changeAt(fmr, of, random);
      return change ? [change] : [];
    });
  const door = changes(pairs);
  const isBetter = isImprovement(door);
  const trial: Trial = {
    folds: k,
    genuine: pairs.length - impostors.length,
    impostor: impostors.length,
    door,
    alone: changes(alone),
    isBetter,
    says: verdictOf(door, isBetter),
  };
  const model = await train(samplesOf(faces));
  return model && { trial, model: { ...model, knots: scaleKnots(impostors) } };
}

/** Better somewhere and worse nowhere, each beyond its interval. */
export function isImprovement(changes: readonly Change[]): boolean {
  return changes.some(({ interval }) => interval[1] < 0) && changes.every(({ interval }) => interval[0] <= 0);
}

// --- internal ---

function verdictOf(changes: readonly Change[], isBetter: boolean): string {
  if (changes.length === 0) return "not measurable: fewer than 300 pairs of different people in the trials";
  const figures = changes.map(
    ({ fmr, before, after, interval: [low, high] }) =>
      `FNMR at FMR ${fmr}: ${percent(before)} -> ${percent(after)} (difference ${percent(low)} to ${percent(high)})`,
  );
  const verdict = isBetter
    ? "better on people it had not seen, beyond the confidence interval"
    : "not better on people it had not seen beyond the confidence interval: stays out";
  return `${verdict}; ${figures.join("; ")}`;
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(2)} %`;
}
