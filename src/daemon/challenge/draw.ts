import type { Random } from "../../core/random.ts";
import { type ChallengeAction, challengeActions } from "../../pipeline/liveness/challenge/actions.ts";

/** How many things are asked for, one after the other. */
const lengths = [2, 3];

/**
 * Every sequence that may be asked for: nothing twice, a turn of the head in it, which shows its depth as well, and something that no turn
 * answers, so that a recording of a turning head does not.
 */
export const sequences: readonly (readonly ChallengeAction[])[] = lengths.flatMap(arrangements).filter((actions) => {
  const turns = actions.filter(isTurn).length;
  return turns > 0 && turns < actions.length;
});

/** Draws evenly from all of them but the one before. */
export function drawSequence(random: Random, previous: readonly ChallengeAction[] | null): readonly ChallengeAction[] {
  const others = sequences.filter((actions) => actions.join() !== previous?.join());
  const drawn = others[Math.floor(random() * others.length)];
  if (drawn === undefined) throw new RangeError("a draw must be in [0, 1)");
  return drawn;
}

// --- internal ---

function isTurn(action: ChallengeAction): boolean {
  return action === "turn-left" || action === "turn-right";
}

/** All ways to put so many different actions in a row. */
function arrangements(length: number): ChallengeAction[][] {
  if (length === 0) return [[]];
  return arrangements(length - 1).flatMap((start) =>
    challengeActions.filter((action) => !start.includes(action)).map((action) => [...start, action]),
  );
}
