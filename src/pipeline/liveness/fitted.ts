import type { CueResult } from "../types.ts";

/** A logistic model of the cues' scores. A cue that was not asked counts as 0.5: it knows nothing. */
export interface FittedModel {
  /** Names of cues, each with the weight of its score's distance from 0.5. */
  readonly weights: Readonly<Record<string, number>>;
  readonly bias: number;
  /** Probability of a living person, 0 to 1, below which it denies. */
  readonly denyBelow: number;
}

/** What a fitted model can say against somebody; there is nothing it could say for them. */
export type Denial = CueResult & { readonly verdict: "spoof" };

const name = "fitted";

/**
 * Asked only of what the rule grants, and able only to deny it: it returns a denial or null. Logistic regression over scores, a common fusion at
 * score level (Ross and Jain 2003).
 */
export function denialOf(cues: readonly CueResult[], model: FittedModel): Denial | null {
  const live = livingProbability(Object.fromEntries(cues.map((cue) => [cue.name, cue.score])), model);
  if (live >= model.denyBelow) return null;
  const says = `the cues together give ${live.toFixed(2)} for a living person, less than ${model.denyBelow.toFixed(2)}`;
  return { name, score: Math.min(0.5, live), verdict: "spoof", says };
}

/** Probability of a living person by the scores of the cues. A score that is no number gives 0. */
export function livingProbability(
  scores: Readonly<Record<string, number>>,
  model: Pick<FittedModel, "weights" | "bias">,
): number {
  const sum = Object.entries(model.weights).reduce(
    (total, [cue, weight]) => total + weight * ((scores[cue] ?? 0.5) - 0.5),
    model.bias,
  );
  const live = 1 / (1 + Math.exp(-sum));
  return Number.isNaN(live) ? 0 : live;
}
