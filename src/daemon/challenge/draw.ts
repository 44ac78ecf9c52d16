import type { Random } from "../../core/random.ts";
import { type ChallengeAction, challengeActions } from "../../pipeline/liveness/challenge/actions.ts";

/** How many things are asked for, one after the other. */
const lengths = [3];

const turns: readonly ChallengeAction[] = ["turn-left", "turn-right"];
/** What a stiff face cannot do. */
const features: readonly ChallengeAction[] = ["blink-twice", "open-mouth"];

/**
 * Every sequence that may be asked for: nothing twice, a turn of the head in it, which shows its depth as well, and something that eyes or
 * mouth must do, so that neither a recording of a turning head nor a stiff mask has an answer.
 */
export const sequences: readonly (readonly ChallengeAction[])[] = lengths
  .flatMap(arrangements)
  .filter((actions) => [turns, features].every((needed) => needed.some((action) => actions.includes(action))));

/** Draws evenly from all of them but the one before. */
export function drawSequence(random: Random, previous: readonly ChallengeAction[] | null): readonly ChallengeAction[] {
  const others = sequences.filter((actions) => actions.join() !== previous?.join());
  const drawn = others[Math.floor(random() * others.length)];
  if (drawn === undefined) throw new RangeError("a draw must be in [0, 1)");
  return drawn;
}

/**
 * The turn to the other side, for whoever has turned to one side only and has not shown depth by that: from one side to the other a head
 * turns twice as far. Null when both were asked for.
 */
export function otherTurn(actions: readonly ChallengeAction[]): ChallengeAction | null {
  return turns.find((turn) => !actions.includes(turn)) ?? null;
}

// --- internal ---

/** All ways to put so many different actions in a row. */
function arrangements(length: number): ChallengeAction[][] {
  if (length === 0) return [[]];
  return arrangements(length - 1).flatMap((start) =>
    challengeActions.filter((action) => !start.includes(action)).map((action) => [...start, action]),
  );
}
