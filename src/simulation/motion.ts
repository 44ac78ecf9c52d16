import type { Random } from "../core/random.ts";
import { challengeActions } from "../pipeline/liveness/challenge/actions.ts";
import { BlinkTrain } from "./blinks.ts";
import { between, ease, randomFor, wander } from "./chance.ts";
import { type Habit, habitOf, obeying } from "./obeying.ts";

/** What the door display asks for (see the daemon's display). A badge is asked of the hand, not of the head. */
export const prompts = [
  ...(["turn", "come-closer", "step-back", "look-here", "more-light", "hold-still", "badge"] as const),
  ...challengeActions,
] as const;
export type Prompt = (typeof prompts)[number];

/** The display's history: what it asked from a time on; null: nothing. In order of time. */
export interface Prompting {
  readonly atMs: number;
  readonly prompt: Prompt | null;
}

/** When and whence somebody comes, and goes. Times are those of the scene, whose alone it is to send somebody away. */
export interface Visit {
  readonly id: string;
  readonly enterMs: number;
  leaveMs: number | undefined;
  readonly from: "left" | "right";
  /** Where they stand, in metres from the camera and to our right of its axis. */
  readonly standM: number;
  readonly besideM: number;
}

/** Where a head is and how it is held. Degrees as in `Pose`. */
export interface HeadState {
  readonly xM: number;
  readonly yM: number;
  readonly distanceM: number;
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
  /** 0 open, 1 shut. */
  readonly lids: number;
  /** 0 shut (as in the photograph), 1 as wide as in loud talk. */
  readonly jaw?: number;
}

/** How somebody behaves apart from walking and turning. */
export interface Manner {
  /** False for a face that has neither lids nor a jaw: a mask. */
  readonly blinks?: boolean;
  readonly talks?: boolean;
}

const walkInMs = 2_300;
export const walkOutMs = 1_900;
const farM = 1.9;
const outsideM = 1.55;
const nearestM = 0.55;
const strideHz = 1.8;

/** When each thing asked for starts to be done, and until when, after a human reaction time. */
export interface Reaction {
  readonly prompt: Prompt;
  readonly startMs: number;
  readonly endMs: number;
}

/** Reaction times of 400 to 800 ms, drawn per person and prompt. */
export function reactionsOf(seed: number, id: string, history: readonly Prompting[]): Reaction[] {
  const reactions: Reaction[] = [];
  history.forEach((entry, n) => {
    if (entry.prompt === null) return;
    const delayMs = between(randomFor(seed, `${id}/reaction/${entry.atMs}`), 400, 800);
    const endMs = history[n + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    reactions.push({ prompt: entry.prompt, startMs: entry.atMs + delayMs, endMs: endMs + delayMs });
  });
  return reactions;
}

/** Where somebody is on the way in, standing, or on the way out; null when not in the scene. */
export function placeOf(visit: Visit, tMs: number): { share: number; side: -1 | 1 } | null {
  if (tMs < visit.enterMs) return null;
  const side = visit.from === "left" ? -1 : 1;
  const arrived = ease((tMs - visit.enterMs) / walkInMs);
  if (visit.leaveMs === undefined || tMs < visit.leaveMs) return { share: arrived, side };
  if (tMs >= visit.leaveMs + walkOutMs) return null;
  const gone = ease((tMs - visit.leaveMs) / walkOutMs);
  return { share: arrived * (1 - gone), side: side === 1 ? -1 : 1 };
}

/** The movement of a living person: a pure function of time, the seed and what the display asked. */
export class WalkerMotion {
  readonly #visit: Visit;
  readonly #seed: number;
  readonly #blinks: BlinkTrain;
  readonly #heightM: number;
  readonly #turnDeg: number;
  readonly #sway: Readonly<Record<"x" | "z" | "yaw" | "pitch" | "roll", (tMs: number) => number>>;
  readonly #manner: Manner;
  readonly #jaw: (tMs: number) => number;
  readonly #habit: Habit;

  constructor(seed: number, visit: Visit, manner: Manner = {}) {
    const random = randomFor(seed, `${visit.id}/walker`);
    this.#visit = visit;
    this.#seed = seed;
    this.#blinks = new BlinkTrain(randomFor(seed, `${visit.id}/blinks`));
    this.#heightM = between(random, -0.02, 0.03);
    this.#turnDeg = between(random, 23, 29) * (random() < 0.5 ? -1 : 1);
    this.#sway = swayOf(random);
    this.#manner = manner;
    this.#jaw = speech(randomFor(seed, `${visit.id}/speech`));
    this.#habit = habitOf(seed, visit.id);
  }

  /** Null when the person is not in the scene. */
  at(tMs: number, history: readonly Prompting[]): HeadState | null {
    const place = placeOf(this.#visit, tMs);
    if (!place) return null;
    const reactions = reactionsOf(this.#seed, this.#visit.id, history);
    const calm = 1 - 0.75 * attention(reactions, "hold-still", tMs);
    const looking = 1 - 0.6 * Math.max(attention(reactions, "look-here", tMs), attention(reactions, "hold-still", tMs));
    const walking = 4 * place.share * (1 - place.share);
    const bob = 0.012 * walking * Math.sin((2 * Math.PI * strideHz * tMs) / 1000);
    const stand = standingDistance(this.#visit.standM, reactions, tMs);
    const sway = this.#sway;
    const done = obeying(this.#habit, reactions, tMs);
    const hasFeatures = this.#manner.blinks !== false;
    const jaw = hasFeatures ? Math.max(done.jaw, this.#manner.talks ? this.#jaw(tMs) * (1 - done.share) : 0) : 0;
    return {
      xM: this.#visit.besideM * place.share + place.side * outsideM * (1 - place.share) + 0.008 * calm * sway.x(tMs),
      yM: this.#heightM + bob,
      distanceM: farM + (stand - farM) * place.share + 0.01 * calm * sway.z(tMs),
      yawDeg: 2.6 * looking * sway.yaw(tMs) + this.#turnDeg * turnGesture(reactions, tMs) + done.yawDeg,
      pitchDeg: 2 * looking * sway.pitch(tMs) + done.pitchDeg,
      rollDeg: 1.8 * calm * sway.roll(tMs) + 1.2 * walking * Math.sin((Math.PI * strideHz * tMs) / 1000),
      lids: hasFeatures ? Math.max(done.lids, this.#blinks.closure(tMs - this.#visit.enterMs)) : 0,
      ...(jaw > 0 ? { jaw } : {}),
    };
  }
}

// --- internal ---

/** Four to five syllables a second (Greenberg 1999) in phrases with pauses between them. */
function speech(random: Random): (tMs: number) => number {
  const syllables = wander(random, 260);
  const phrases = wander(random, 2_900);
  return (tMs) => Math.max(0, 0.35 + 0.75 * syllables(tMs)) * ease(0.75 + 1.6 * phrases(tMs));
}

function swayOf(random: Random) {
  return {
    x: wander(random, 3_900),
    z: wander(random, 5_300),
    yaw: wander(random, 4_700),
    pitch: wander(random, 4_100),
    roll: wander(random, 6_100),
  };
}

/** 1 while a prompt is obeyed, with soft ends. */
export function attention(reactions: readonly Reaction[], prompt: Prompt, tMs: number): number {
  let most = 0;
  for (const r of reactions) {
    if (r.prompt !== prompt) continue;
    most = Math.max(most, ease((tMs - r.startMs) / 400) * (1 - ease((tMs - r.endMs) / 500)));
  }
  return most;
}

const gestureMs = 3_200;

/** To one side, to the other, back: -1 to 1, again and again while it is asked for. */
export function turnGesture(reactions: readonly Reaction[], tMs: number): number {
  let turn = 0;
  for (const r of reactions) {
    if (r.prompt !== "turn" || tMs < r.startMs) continue;
    const t = (tMs - r.startMs) % gestureMs;
    const there = ease(t / 600) - 1.9 * ease((t - 900) / 900) + 0.9 * ease((t - 2_100) / 600);
    turn += there * (1 - ease((tMs - r.endMs) / 500));
  }
  return turn;
}

/** "Come closer" and "step back" are a step each, taken in most of a second, within reason. */
export function standingDistance(standM: number, reactions: readonly Reaction[], tMs: number): number {
  let target = standM;
  let now = standM;
  for (const r of reactions) {
    const step = r.prompt === "come-closer" ? -0.2 : r.prompt === "step-back" ? 0.2 : 0;
    if (step === 0) continue;
    const next = Math.max(nearestM, Math.min(1.5, target + step));
    now += (next - target) * ease((tMs - r.startMs) / 900);
    target = next;
  }
  return now;
}
