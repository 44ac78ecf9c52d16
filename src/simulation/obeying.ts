import { between, ease, randomFor } from "./chance.ts";
import type { Prompt, Reaction } from "./motion.ts";

/** What a person does about each action of a challenge: kept up until the display asks for something else. */
export interface Obeying {
  /** Degrees and parts as in `HeadState`, to be added to what the head does of itself. */
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly lids: number;
  readonly jaw: number;
  /** 1 while something is done: nobody talks meanwhile. */
  readonly share: number;
}

/** How far and how long, drawn for each person. */
export interface Habit {
  readonly turnDeg: number;
  readonly raiseDeg: number;
  readonly jaw: number;
  readonly shutMs: number;
  readonly openMs: number;
}

export function habitOf(seed: number, id: string): Habit {
  const random = randomFor(seed, `${id}/habit`);
  return {
    turnDeg: between(random, 27, 36),
    raiseDeg: between(random, 18, 26),
    jaw: between(random, 1.9, 2.6),
    shutMs: between(random, 130, 240),
    openMs: between(random, 220, 380),
  };
}

export function obeying(habit: Habit, reactions: readonly Reaction[], tMs: number): Obeying {
  const left = heeded(reactions, "turn-left", tMs);
  const right = heeded(reactions, "turn-right", tMs);
  const up = heeded(reactions, "look-up", tMs);
  const mouth = heeded(reactions, "open-mouth", tMs);
  const lids = blinks(habit, reactions, tMs);
  return {
    yawDeg: habit.turnDeg * (left - right),
    pitchDeg: habit.raiseDeg * up,
    lids,
    jaw: habit.jaw * mouth,
    share: Math.max(left, right, up, mouth, lids),
  };
}

// --- internal ---

/** 1 while the prompt is obeyed: there in half a second, and back as fast. */
function heeded(reactions: readonly Reaction[], prompt: Prompt, tMs: number): number {
  let most = 0;
  for (const r of reactions) {
    if (r.prompt !== prompt) continue;
    most = Math.max(most, ease((tMs - r.startMs) / 500) * (1 - ease((tMs - r.endMs) / 450)));
  }
  return most;
}

const fallMs = 90;
const riseMs = 130;
/** Between one pair of blinks and the next, while they are still asked for. */
const pauseMs = 900;

/** Lids that shut twice on purpose, again and again until something else is asked. */
function blinks({ shutMs, openMs }: Habit, reactions: readonly Reaction[], tMs: number): number {
  const blinkMs = fallMs + shutMs + riseMs;
  const pairMs = 2 * blinkMs + openMs;
  let most = 0;
  for (const r of reactions) {
    if (r.prompt !== "blink-twice" || tMs < r.startMs || tMs > r.endMs) continue;
    const t = (tMs - r.startMs) % (pairMs + pauseMs);
    const within = t < blinkMs ? t : t - blinkMs - openMs;
    if (within < 0 || within > blinkMs) continue;
    most = Math.max(most, ease(within / fallMs) * (1 - ease((within - fallMs - shutMs) / riseMs)));
  }
  return most;
}
