import type { ChallengeAction } from "./actions.ts";
import { seenOfTwoBlinks } from "./blink-twice.ts";
import type { Gestures } from "./gestures.ts";
import { heldAtMs, isCompared, type Shown, wrongAnswer } from "./held-actions.ts";
import { facingAt, neutralKnownMs, neutralOf } from "./neutral.ts";

/** One step of a challenge as the display showed it: nothing before the acknowledgement and after the deadline counts. */
export interface ChallengeStep {
  /** Of the challenge, and which of its steps, from 1 on. */
  readonly id: string;
  readonly step: number;
  readonly action: ChallengeAction;
  /** When the display had painted it, and until when it may be done; monotonic milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A challenge in the midst of being answered by one track. */
export interface Performance {
  readonly current: ChallengeStep;
  /** When its first step was acknowledged: from then on the face must be in view, and what it was like then is its rest. */
  readonly sinceMs: number;
}

export interface StepJudgement {
  /** `missed`: nothing was seen of it, nor of anything else. `wrong`: failed by another action than the one that was asked for. */
  readonly state: "open" | "done" | "missed" | "failed" | "wrong";
  /** One sentence for the installer. */
  readonly says: string;
}

/** Nobody reacts sooner; what is under way by then was begun before it was asked for, and is no wrong answer either. */
const reactionMs = 150;
/** Nor has anybody understood which of several things is asked for and begun with it (Hick 1952): an answer from before is luck. */
const choiceMs = 250;
/** Eyes that were not seen to shut once by then are not waited for: glasses hide blinks, and slow pictures miss them. */
export const firstBlinkMs = 1700;

/** Takes the next step on. */
export function perform(before: Performance | null, step: ChallengeStep): Performance {
  return { current: step, sinceMs: before?.current.id === step.id ? before.sinceMs : step.fromMs };
}

/**
 * Judges the step from what the face has shown. It is done when its action was begun and done within the window, by a face that was
 * never out of view since the challenge began, and a picture that shows it was compared and found to be the track's person; another movement
 * of the head, or a mouth that is kept open, is a wrong answer. Pure: the newest frame is the present.
 */
export function judgeStep({ current, sinceMs }: Performance, gestures: Gestures): StepJudgement {
  const { action, fromMs, untilMs } = current;
  const { samples, unbrokenSinceMs } = gestures;
  const newestMs = samples.at(-1)?.atMs;
  if (newestMs === undefined || unbrokenSinceMs === null || unbrokenSinceMs > sinceMs) {
    return failed("the face was out of view");
  }
  const open: StepJudgement = { state: "open", says: `${words[action]} was asked for` };
  const neutral = neutralOf(samples, sinceMs);
  if (neutral === null) {
    return newestMs <= neutralKnownMs(sinceMs) ? open : failed("too little of the face at rest was seen");
  }
  const window = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
  const rest = { ...neutral, yaw: facingAt(samples, { fromMs, neutral }) };
  const answer = { samples: window, neutral: rest, restFromMs: fromMs + choiceMs };
  const { doneMs, giveUpMs, isVouchedFor } = progress(current, answer);
  const wrong = wrongAnswer(action, { ...answer, restFromMs: fromMs + reactionMs });
  if (wrong && wrong.atMs <= (doneMs ?? untilMs)) {
    return { state: "wrong", says: `${words[wrong.action]} instead of ${words[action]}` };
  }
  if (doneMs !== null && isVouchedFor) return { state: "done", says: `${words[action]}, as asked` };
  if (newestMs < giveUpMs) return open;
  if (doneMs === null) return { state: "missed", says: `${words[action]}: not seen in time` };
  return failed(`${words[action]}: the face that did it was not compared`);
}

// --- internal ---

interface Progress {
  readonly doneMs: number | null;
  /** Until then it is waited for. */
  readonly giveUpMs: number;
  /** A picture that shows the action, of blinks one from the first to the end of the second, is the track's person. */
  readonly isVouchedFor: boolean;
}

function progress({ action, fromMs, untilMs }: ChallengeStep, answer: Shown): Progress {
  if (action !== "blink-twice") {
    return { doneMs: heldAtMs(action, answer), giveUpMs: untilMs, isVouchedFor: isCompared(action, answer) };
  }
  const { begunMs, doneMs } = seenOfTwoBlinks(answer);
  if (begunMs === null) return { doneMs, giveUpMs: Math.min(untilMs, fromMs + firstBlinkMs), isVouchedFor: false };
  const blinking = answer.samples.filter(({ atMs }) => atMs >= begunMs && atMs <= (doneMs ?? untilMs));
  const isVouchedFor = blinking.some(({ isVerified }) => isVerified);
  return { doneMs, giveUpMs: untilMs, isVouchedFor };
}

const words: Readonly<Record<ChallengeAction, string>> = {
  "turn-left": "a turn to the left",
  "turn-right": "a turn to the right",
  "look-up": "a look up",
  "blink-twice": "two blinks",
  "open-mouth": "an open mouth",
};

function failed(says: string): StepJudgement {
  return { state: "failed", says };
}
