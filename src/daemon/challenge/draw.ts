import type { Random } from "../../core/random.ts";
import { type ChallengeAction, challengeActions } from "../../pipeline/liveness/challenge/actions.ts";
import { lightSteps } from "../../pipeline/liveness/light/coloured-light.ts";
import { type LightColour, lightColours } from "../../pipeline/liveness/light/colours.ts";

/** How many things are asked for, one after the other: with two a recording in a loop is right too often. */
const firstLength = 3;
/** And of who has failed a challenge: people rarely do, and a recording that tries again has one thing more to be right about. */
const laterLength = 4;

const turns: readonly ChallengeAction[] = ["turn-left", "turn-right"];
/** What a stiff face cannot do. */
const features: readonly ChallengeAction[] = ["blink-twice", "open-mouth"];

/**
 * Every sequence that may be asked for: nothing twice, a turn of the head in it, which shows its depth as well, and something that eyes or
 * mouth must do, so that neither a recording of a turning head nor a stiff mask has an answer. Where blinks, which take longest, are asked
 * for, a turn comes soon enough for the other one to take the place of something: no fourth thing besides.
 */
export const sequences: readonly (readonly ChallengeAction[])[] = sequencesOf(firstLength);
/** Every sequence that may be asked for after a failed one. */
export const laterSequences: readonly (readonly ChallengeAction[])[] = sequencesOf(laterLength);

/** Draws evenly from all of them but the one before. */
export function drawSequence(
  random: Random,
  previous: readonly ChallengeAction[] | null,
  from = sequences,
): readonly ChallengeAction[] {
  const others = from.filter((actions) => actions.join() !== previous?.join());
  const drawn = others[Math.floor(random() * others.length)];
  if (drawn === undefined) throw new RangeError("a draw must be in [0, 1)");
  return drawn;
}

/** Every order of colours that may be shown: all of them, none twice in a row. */
export const lightSequences: readonly (readonly LightColour[])[] = rows(lightSteps).filter(
  (colours) =>
    lightColours.every((colour) => colours.includes(colour)) &&
    colours.every((colour, n) => n === 0 || colour !== colours[n - 1]),
);

/** Draws evenly from all of them. */
export function drawLights(random: Random): readonly LightColour[] {
  const drawn = lightSequences[Math.floor(random() * lightSequences.length)];
  if (drawn === undefined) throw new RangeError("a draw must be in [0, 1)");
  return drawn;
}

/**
 * What is left to do once the last of `done` was a turn that showed no depth: first the turn to the other side, since from one side to the
 * other a head turns twice as far. It takes the place of the last thing that is not needed. Null when there is no other turn to do.
 */
export function afterFlatTurn(
  done: readonly ChallengeAction[],
  left: readonly ChallengeAction[],
): readonly ChallengeAction[] | null {
  const turn = turns.find((other) => !done.includes(other));
  const isTurn = turns.some((other) => other === done.at(-1));
  if (!isTurn || turn === undefined) return null;
  const later = left.filter((action) => action !== turn);
  if (later.length < left.length) return [turn, ...later];
  const hasFeature = (actions: readonly ChallengeAction[]) => features.some((action) => actions.includes(action));
  const spare = later.findLastIndex((_, n) => hasFeature([...done, ...later.filter((_, m) => m !== n)]));
  return [turn, ...later.filter((_, n) => n !== spare)];
}

/**
 * What is asked for in place of blinks that were not seen: something that was not asked for and will not be, and of eyes or mouth where
 * nothing else is. Null when there is nothing. Only blinks can be missed in somebody who does them, behind glasses or between slow pictures.
 */
export function insteadOfBlinks(
  random: Random,
  { done, left }: { readonly done: readonly ChallengeAction[]; readonly left: readonly ChallengeAction[] },
): ChallengeAction | null {
  const others = challengeActions.filter((action) => action !== "blink-twice" && ![...done, ...left].includes(action));
  const isFeatureLeft = features.some((action) => [...done, ...left].includes(action));
  const fit = isFeatureLeft ? others : others.filter((action) => features.includes(action));
  return fit[Math.floor(random() * fit.length)] ?? null;
}

// --- internal ---

function sequencesOf(length: number): ChallengeAction[][] {
  return arrangements(length).filter(
    (actions) =>
      [turns, features].every((needed) => needed.some((action) => actions.includes(action))) &&
      (!actions.includes("blink-twice") || lengthWithFlatTurn(actions) === length),
  );
}

/** Of a sequence whose first turn shows no depth. */
function lengthWithFlatTurn(actions: readonly ChallengeAction[]): number {
  const done = actions.slice(0, actions.findIndex((action) => turns.includes(action)) + 1);
  return done.length + (afterFlatTurn(done, actions.slice(done.length)) ?? []).length;
}

/** All ways to put so many colours in a row. */
function rows(length: number): LightColour[][] {
  if (length === 0) return [[]];
  return rows(length - 1).flatMap((start) => lightColours.map((colour) => [...start, colour]));
}

/** All ways to put so many different actions in a row. */
function arrangements(length: number): ChallengeAction[][] {
  if (length === 0) return [[]];
  return arrangements(length - 1).flatMap((start) =>
    challengeActions.filter((action) => !start.includes(action)).map((action) => [...start, action]),
  );
}
