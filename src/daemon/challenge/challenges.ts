import type { Clock } from "../../core/clock.ts";
import { freshness } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import type { ChallengeAction } from "../../pipeline/liveness/challenge/actions.ts";
import { atLevel, type ChallengeLevel, challengeCue } from "../../pipeline/liveness/level.ts";
import { lightDeclined } from "../../pipeline/liveness/light/coloured-light.ts";
import type { Sighting, VisionCommand } from "../../vision/protocol.ts";
import type { ChallengeRefusal, TrackChallenges } from "../admission/parts.ts";
import { maxFrameAgeMs } from "../admission/types.ts";
import type { Acknowledgement, DisplayState } from "../api.ts";
import { display } from "../display-board.ts";
import { GrowingWait } from "../growing-wait.ts";
import { drawLights, drawSequence, laterSequences, sequences } from "./draw.ts";
import {
  acknowledged,
  actionOf,
  lightOf,
  lightStepOf,
  limitOf,
  newRound,
  nextStep,
  type Round,
  shownOf,
  stepOf,
  withOtherTurn,
  withoutBlinks,
} from "./round.ts";
import { ScreenLight } from "./screen-light.ts";
import { Standings } from "./standings.ts";

export interface ChallengesParts {
  readonly level: ChallengeLevel;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Nobody may be able to guess it. */
  readonly random: Random;
  readonly logger: Logger;
  readonly board: {
    show(state: DisplayState, holdMs: number): void;
    endChallenge(): void;
    brighten(isBright: boolean): void;
  };
  readonly screens: { readonly count: number };
  /** What becomes of a recognised person when no display is connected. */
  readonly withoutDisplay: "refuse" | "ask";
  /** Colours after the actions; they may only deny. Default off. */
  readonly colouredLight?: "off" | "deny";
  command(command: VisionCommand): void;
}

/**
 * So many challenges a track may fail. A wrong answer counts as two: people are late, a recording does what it shows. So do blinks that were
 * missed, though the challenge goes on: else a recording with pauses in it would never have to blink.
 */
export const maxAttempts = 3;
const wrongCounts = 2;
const missedBlinksCount = 2;
/**
 * Challenges that were begun for one person at this door and not passed, on whatever tracks; who walks off has not passed either. Nobody
 * else waits for that.
 */
export const personRule = { free: 5, firstMs: 60_000, longestMs: 3_600_000, forgetMs: 3_600_000 } as const;
/** A display that has not painted a step by then is no display. */
export const acknowledgeWithinMs = 2000;
/** Between a failed challenge and the next one for the same track: time to read what happened, and for somebody else. */
export const restMs = 1200;
/** A passed challenge and the depth that was seen count this long, for somebody who still has to show a badge. */
export const proofMs = 15_000;
/** Sightings of the last frames are on their way when a step's time is over. */
const lateSightingMs = 600;

/**
 * Draws challenges and leads tracks through them, one at a time, since there is one display. Each step is shown, acknowledged by the page
 * once it is painted, put to vision with that time, and over when vision has seen it done. Nothing here opens: it says what a
 * sighting's liveness is at the door's level.
 */
export class Challenges implements TrackChallenges {
  readonly #parts: ChallengesParts;
  readonly #standings = new Standings();
  readonly #unpassed = new GrowingWait(personRule);
  readonly #screenLight: ScreenLight | undefined;
  #round: Round | null = null;
  #previous: readonly ChallengeAction[] | null = null;
  #callOff: () => void = () => {};

  constructor(parts: ChallengesParts) {
    this.#parts = parts;
    // Coloured light is judged against a display that is dark.
    this.#screenLight = parts.colouredLight === "deny" ? undefined : new ScreenLight(parts);
  }

  /** Whether a display is connected that could show a challenge. */
  get hasDisplay(): boolean {
    return this.#parts.screens.count > 0;
  }

  sighted(sighting: Sighting, claimed: string | null): ReturnType<TrackChallenges["sighted"]> {
    const nowMs = this.#parts.clock.nowMs();
    const { trackId, liveness } = sighting;
    if (freshness(sighting.capturedAtMs, nowMs, maxFrameAgeMs) !== "fresh") return { liveness, lacksChallenge: true };
    this.#screenLight?.see(sighting);
    if (liveness.verdict === "live") this.#standings.change(trackId, { lastLiveMs: nowMs });
    this.#follow(sighting);
    const { passed, lastLiveMs } = this.#standings.of(trackId);
    const isPassed = passed !== null && passed.person === claimed && nowMs - passed.atMs <= proofMs;
    const { verdict, cues } = atLevel(liveness, this.#parts.level, {
      challenge: isPassed ? challengeCue.passed : challengeCue.missing,
      wasLive: nowMs - lastLiveMs <= proofMs,
    });
    const declined = isPassed && passed.hasDeclinedLight ? [lightDeclined] : [];
    return { liveness: { verdict, cues: [...cues, ...declined] }, lacksChallenge: !isPassed };
  }

  ask(trackId: number, person: string): ChallengeRefusal | null {
    const { attempts, restUntilMs, hasDisplay } = this.#standings.of(trackId);
    const { screens, withoutDisplay } = this.#parts;
    if (screens.count === 0 || !hasDisplay) {
      if (this.#round?.trackId === trackId) this.#fail("the display is gone");
      return withoutDisplay === "ask" ? "ask-somebody" : "display-missing";
    }
    if (this.#round !== null) return null;
    if (attempts >= maxAttempts) return "challenge-failed";
    if (this.#unpassed.isWaiting(person, this.#parts.clock.nowMs())) return "locked-out";
    if (this.#parts.clock.nowMs() >= restUntilMs) this.#begin(trackId, person);
    return null;
  }

  /** The page has painted a step. False for anything but the first acknowledgement of the step that is shown. */
  acknowledge(given: Acknowledgement): boolean {
    const round = this.#round && acknowledged(this.#round, given, this.#parts.clock.nowMs());
    if (!round) return false;
    const { trackId } = round;
    const [step, light] = [stepOf(round), lightStepOf(round)];
    if (light && given.calm === true) {
      this.#pass(round, { hasDeclinedLight: true });
      return true;
    }
    this.#round = round;
    if (light) {
      this.#parts.command({ type: "light", trackId, ...light });
      this.#show(round, limitOf(round), () => this.#lightShown(round));
    }
    if (step) {
      this.#parts.command({ type: "challenge", trackId, ...step });
      this.#show(round, limitOf(round) + lateSightingMs, () => this.#fail("the step was not done in time"));
    }
    return true;
  }

  /** The track was judged: nothing more is asked of it. */
  release(trackId: number): void {
    if (this.#round?.trackId === trackId) this.#end();
  }

  trackEnded(trackId: number): void {
    this.release(trackId);
    this.#standings.forget(trackId);
  }

  reset(): void {
    this.#end();
    this.#screenLight?.off();
    this.#standings.forgetAll();
  }

  /** Safe to call twice. */
  stop(): void {
    this.reset();
  }

  // --- internal ---

  #begin(trackId: number, person: string): void {
    const { random, logger, clock } = this.#parts;
    this.#unpassed.failed(person, clock.nowMs());
    const hasFailed = this.#standings.of(trackId).attempts > 0;
    const actions = drawSequence(random, this.#previous, hasFailed ? laterSequences : sequences);
    const lights = this.#parts.colouredLight === "deny" ? drawLights(random) : [];
    this.#previous = actions;
    logger.debug({ track: trackId, steps: actions.length }, "challenge begins");
    this.#showStep(newRound({ trackId, person, lights }, actions, random));
  }

  /** What vision says of the present step. */
  #follow({ trackId, challenge, capturedAtMs }: Sighting): void {
    const round = this.#round;
    if (!round || round.trackId !== trackId) return;
    if (this.#parts.screens.count === 0) {
      this.#fail("the display is gone");
      return;
    }
    const { window } = round;
    // What vision makes of the light is one of the cues of this very sighting.
    if (isLightOver(round, capturedAtMs)) {
      this.#pass(round, { hasDeclinedLight: false });
      return;
    }
    if (!window || challenge?.id !== round.id || challenge.step !== round.step) return;
    if (challenge.state === "failed") this.#fail(challenge.says);
    if (challenge.state === "missed") this.#missed(round, challenge.says);
    if (challenge.state === "wrong") this.#fail(challenge.says, wrongCounts);
    const isInTime = capturedAtMs >= window.fromMs && capturedAtMs <= window.untilMs;
    if (challenge.state === "done" && isInTime) this.#stepDone(round);
  }

  #stepDone(round: Round): void {
    const next = nextStep(this.#forDepth(round), this.#parts.random);
    if (next) {
      this.#showStep(next);
      return;
    }
    this.#pass(round, { hasDeclinedLight: false });
  }

  /** Nothing was seen in time. Blinks may have been there: something else is asked at once, and must be done. */
  #missed(round: Round, says: string): void {
    const { random } = this.#parts;
    const attempts = this.#standings.of(round.trackId).attempts + missedBlinksCount;
    const other = attempts < maxAttempts ? withoutBlinks(round, random) : null;
    const next = other && nextStep(other, random);
    if (!next) return this.#fail(says);
    this.#standings.change(round.trackId, { attempts });
    this.#showStep(next);
  }

  #pass({ trackId, person }: Round, { hasDeclinedLight }: { hasDeclinedLight: boolean }): void {
    this.#parts.logger.debug({ track: trackId }, "challenge passed");
    this.#end();
    this.#unpassed.passed(person);
    const passed = { person, atMs: this.#parts.clock.nowMs(), hasDeclinedLight };
    this.#standings.change(trackId, { passed, attempts: 0 });
  }

  /** A colour has stood for its time: the next one, or a picture that was taken after the last. */
  #lightShown(round: Round): void {
    const next = nextStep(round, this.#parts.random);
    if (next) {
      this.#showStep(next);
      return;
    }
    this.#callOff = this.#parts.timers.after(lateSightingMs, () =>
      this.#fail("the face was not seen after the colours"),
    );
  }

  /** A head that has turned, and that passive has not found live, turns to the other side next. */
  #forDepth(round: Round): Round {
    const isLive = this.#parts.clock.nowMs() - this.#standings.of(round.trackId).lastLiveMs <= proofMs;
    return isLive ? round : withOtherTurn(round);
  }

  #showStep(round: Round): void {
    this.#round = round;
    const { clock, command } = this.#parts;
    const untilMs = clock.nowMs() + acknowledgeWithinMs + limitOf(round) + lateSightingMs;
    // Before the display fades to the colour: later the camera would have seen its light.
    if (lightOf(round)) command({ type: "hold", untilMs });
    this.#show(round, acknowledgeWithinMs, () => {
      this.#standings.change(round.trackId, { hasDisplay: false });
      this.#fail("no display acknowledged the step");
    });
  }

  /** Puts the round on the display; `over` is called unless something happens within the time. */
  #show(round: Round, withinMs: number, over: () => void): void {
    const { board, timers } = this.#parts;
    this.#callOff();
    this.#callOff = timers.after(withinMs, over);
    // The display outlasts the time, which alone ends it.
    const shown = shownOf(round);
    const state = shown.light ? display.light(shown) : display.challenge(actionOf(round), shown);
    board.show(state, withinMs + 1000);
  }

  #fail(says: string, counts = 1): void {
    const round = this.#round;
    if (!round) return;
    const { clock, logger, board } = this.#parts;
    const attempts = this.#standings.of(round.trackId).attempts + counts;
    const step = lightOf(round) ?? actionOf(round);
    logger.info({ track: round.trackId, step, attempts, says }, "challenge failed");
    this.#standings.change(round.trackId, { attempts, restUntilMs: clock.nowMs() + restMs });
    this.#end();
    if (attempts < maxAttempts) board.show(display.again(), restMs);
  }

  #end(): void {
    this.#callOff();
    this.#callOff = () => {};
    if (this.#round === null) return;
    this.#round = null;
    this.#parts.board.endChallenge();
  }
}

/** Every colour has stood for its time, and the picture was taken after that. */
function isLightOver(round: Round, capturedAtMs: number): boolean {
  const isLast = round.step === round.actions.length + round.lights.length;
  return isLast && lightOf(round) !== null && round.window !== null && capturedAtMs > round.window.untilMs;
}
