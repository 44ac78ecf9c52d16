import { type ChallengeAction, challengeActions } from "../pipeline/liveness/challenge/actions.ts";
import { between, randomFor } from "./chance.ts";
import type { Prompting } from "./motion.ts";

/** What the person in a recording was asked to do, from a time on. */
export type Clip = (seed: number, fromMs: number) => readonly Prompting[];

/** Turns the head to either side all the time. */
export const turningClip: Clip = (_seed, fromMs) => [{ atMs: fromMs, prompt: "turn" }];

/** Longer than anybody stands at a door. */
const loopMs = 120_000;

/**
 * Does everything that a challenge may ask for, in a loop, as fast as it can be done well: whatever the display asks for is on it, and the
 * attacker waits for luck. Order and pace are the attacker's, and follow from the seed.
 */
export const loopClip: Clip = (seed, fromMs) => {
  const random = randomFor(seed, "loop");
  const order = shuffled(challengeActions, random);
  const eachMs = between(random, 900, 1700);
  return Array.from({ length: Math.ceil(loopMs / eachMs) }, (_, n) => ({
    atMs: fromMs + n * eachMs,
    prompt: order[n % order.length] ?? null,
  }));
};

// --- internal ---

/** Fisher and Yates. */
function shuffled(actions: readonly ChallengeAction[], random: () => number): ChallengeAction[] {
  const order = [...actions];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [order[i], order[j]];
    if (a !== undefined && b !== undefined) [order[i], order[j]] = [b, a];
  }
  return order;
}
