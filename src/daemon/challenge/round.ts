import type { Random } from "../../core/random.ts";
import type { ChallengeAction } from "../../pipeline/liveness/challenge/actions.ts";
import type { ChallengeStep } from "../../pipeline/liveness/challenge/judge.ts";
import type { Acknowledgement, ChallengeShown } from "../api.ts";
import { afterFlatTurn } from "./draw.ts";

/** How long a step may take, from the moment its display had painted it. */
export const stepLimitMs = 4000;

/** One challenge on its way. Pure data; a step begins with `showStep`, and its time with `begun`. */
export interface Round {
  readonly id: string;
  readonly trackId: number;
  readonly person: string;
  readonly actions: readonly ChallengeAction[];
  /** From 1 on. */
  readonly step: number;
  /** Known to nobody but the display that was sent this step. */
  readonly nonce: string;
  /** When the step was acknowledged and until when it may be done; null while the display has not painted it. */
  readonly window: { readonly fromMs: number; readonly untilMs: number } | null;
}

export function newRound(
  who: Pick<Round, "trackId" | "person">,
  actions: readonly ChallengeAction[],
  random: Random,
): Round {
  return { ...who, actions, id: token(random), step: 1, nonce: token(random), window: null };
}

/** The step after this one, or null when it was the last. */
export function nextStep(round: Round, random: Random): Round | null {
  if (round.step >= round.actions.length) return null;
  return { ...round, step: round.step + 1, nonce: token(random), window: null };
}

/** The round with a turn to the other side as its next step, where the present step is a turn and the other was not asked for. */
export function withOtherTurn(round: Round): Round {
  const done = round.actions.slice(0, round.step);
  const left = afterFlatTurn(done, round.actions.slice(round.step));
  return left ? { ...round, actions: [...done, ...left] } : round;
}

/** The round with its step's time running; null for an acknowledgement that is not of this very step, or not the first. */
export function acknowledged(round: Round, given: Acknowledgement, nowMs: number): Round | null {
  const isThis = given.challenge === round.id && given.step === round.step && given.nonce === round.nonce;
  if (!isThis || round.window !== null) return null;
  return { ...round, window: { fromMs: nowMs, untilMs: nowMs + stepLimitMs } };
}

/** What vision is told once the time runs; null before. */
export function stepOf(round: Round): ChallengeStep | null {
  return round.window && { id: round.id, step: round.step, action: actionOf(round), ...round.window };
}

export function actionOf({ actions, step }: Round): ChallengeAction {
  const action = actions[step - 1];
  if (action === undefined) throw new RangeError(`a challenge of ${actions.length} has no step ${step}`);
  return action;
}

/** What the page needs to show and to acknowledge it. */
export function shownOf(round: Round): ChallengeShown {
  const { id, step, nonce, window } = round;
  return {
    ...{ id, step, steps: round.actions.length, nonce },
    isRunning: window !== null,
    ...{ remainingMs: stepLimitMs, limitMs: stepLimitMs },
  };
}

// --- internal ---

/** 128 bits, as far as the source of chance has them. */
function token(random: Random): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
}
