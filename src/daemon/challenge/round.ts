import type { Random } from "../../core/random.ts";
import type { ChallengeAction } from "../../pipeline/liveness/challenge/actions.ts";
import type { ChallengeStep } from "../../pipeline/liveness/challenge/judge.ts";
import type { LightColour, LightStep } from "../../pipeline/liveness/light/colours.ts";
import type { Acknowledgement, ChallengeShown } from "../api.ts";
import { afterFlatTurn, insteadOfBlinks } from "./draw.ts";

/** How long a step may take, from the moment its display had painted it. */
export const stepLimitMs = 4000;
/** Two blinks that were not seen by then are not waited for: something else is asked instead. */
export const blinkLimitMs = 2400;
/** How long each colour stands once it is painted. With the fade before it, the display changes about once a second. */
export const lightHeldMs = 600;

/** One challenge on its way. Pure data; a step begins with `showStep`, and its time with `begun`. */
export interface Round {
  readonly id: string;
  readonly trackId: number;
  readonly person: string;
  readonly actions: readonly ChallengeAction[];
  /** Colours that are shown after the actions; none where the light is off. */
  readonly lights: readonly LightColour[];
  /** Of the actions: asked for and not seen; another was asked instead. */
  readonly missed: ChallengeAction | null;
  /** From 1 on, through the actions and then the lights. */
  readonly step: number;
  /** Known to nobody but the display that was sent this step. */
  readonly nonce: string;
  /** When the step was acknowledged and until when it may be done; null while the display has not painted it. */
  readonly window: { readonly fromMs: number; readonly untilMs: number } | null;
}

export function newRound(
  who: Pick<Round, "trackId" | "person" | "lights">,
  actions: readonly ChallengeAction[],
  random: Random,
): Round {
  return { ...who, actions, missed: null, id: token(random), step: 1, nonce: token(random), window: null };
}

/** The step after this one, or null when it was the last. */
export function nextStep(round: Round, random: Random): Round | null {
  if (round.step >= round.actions.length + round.lights.length) return null;
  return { ...round, step: round.step + 1, nonce: token(random), window: null };
}

/** The round with a turn to the other side as its next step, where the present step is a turn and the other was not asked for. */
export function withOtherTurn(round: Round): Round {
  if (lightOf(round) !== null) return round;
  const asked = round.actions.slice(0, round.step);
  const done = asked.filter((action) => action !== round.missed);
  const left = afterFlatTurn(done, round.actions.slice(round.step));
  return left ? { ...round, actions: [...asked, ...left] } : round;
}

/**
 * The round with something else as its next step, where the present step asks for blinks; null where it does not. Who would answer it has
 * still as many things to do.
 */
export function withoutBlinks(round: Round, random: Random): Round | null {
  if (lightOf(round) !== null || actionOf(round) !== "blink-twice") return null;
  const asked = round.actions.slice(0, round.step);
  const left = round.actions.slice(round.step);
  const instead = insteadOfBlinks(random, { done: asked.slice(0, -1), left });
  return instead && { ...round, missed: "blink-twice", actions: [...asked, instead, ...left] };
}

/** The round with its step's time running; null for an acknowledgement that is not of this very step, or not the first. */
export function acknowledged(round: Round, given: Acknowledgement, nowMs: number): Round | null {
  const isThis = given.challenge === round.id && given.step === round.step && given.nonce === round.nonce;
  if (!isThis || round.window !== null) return null;
  return { ...round, window: { fromMs: nowMs, untilMs: nowMs + limitOf(round) } };
}

/** The action that is asked for, as vision is told once its time runs; null before, and of a colour. */
export function stepOf(round: Round): ChallengeStep | null {
  if (round.window === null || lightOf(round) !== null) return null;
  return { id: round.id, step: round.step, action: actionOf(round), ...round.window };
}

/** The colour that stands, as vision is told once it is painted; null before, and of an action. */
export function lightStepOf(round: Round): LightStep | null {
  const colour = lightOf(round);
  return round.window && colour && { id: round.id, step: round.step, colour, ...round.window };
}

/** The colour of the present step; null while an action is asked for. */
export function lightOf({ actions, lights, step }: Round): LightColour | null {
  return lights[step - 1 - actions.length] ?? null;
}

export function limitOf(round: Round): number {
  if (lightOf(round) !== null) return lightHeldMs;
  return actionOf(round) === "blink-twice" ? blinkLimitMs : stepLimitMs;
}

export function actionOf({ actions, step }: Round): ChallengeAction {
  const action = actions[step - 1];
  if (action === undefined) throw new RangeError(`a challenge of ${actions.length} has no step ${step}`);
  return action;
}

/** What the page needs to show and to acknowledge it. */
export function shownOf(round: Round): ChallengeShown {
  const { id, step, nonce, window } = round;
  const light = lightOf(round);
  const limitMs = limitOf(round);
  return {
    ...{ id, step, steps: round.actions.length + (light ? round.lights.length : 0), nonce },
    isRunning: window !== null,
    ...{ remainingMs: limitMs, limitMs },
    ...(light ? { light } : {}),
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
