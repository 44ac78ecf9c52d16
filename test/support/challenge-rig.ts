import { seededRandom } from "../../src/core/random.ts";
import type { Acknowledgement, DisplayState } from "../../src/daemon/api.ts";
import { Challenges } from "../../src/daemon/challenge/challenges.ts";
import { DisplayBoard } from "../../src/daemon/display-board.ts";
import type { ChallengeLevel } from "../../src/pipeline/liveness/level.ts";
import type { LivenessVerdict } from "../../src/pipeline/types.ts";
import type { Sighting, VisionCommand } from "../../src/vision/protocol.ts";
import { capturedLog } from "./captured-log.ts";
import { ManualClock } from "./manual-clock.ts";
import { sightingOf } from "./sightings.ts";

/** Challenges with a display in memory, and vision played by the test. */
export class ChallengeRig {
  readonly clock = new ManualClock();
  readonly log = capturedLog();
  readonly commands: Extract<VisionCommand, { type: "challenge" }>[] = [];
  /** What vision was told of colours. */
  readonly lights: Extract<VisionCommand, { type: "light" }>[] = [];
  /** Until when vision was told to hold the camera. */
  readonly holds: number[] = [];
  readonly shown: DisplayState[] = [];
  readonly screens = { count: 1 };
  readonly board = new DisplayBoard({ clock: this.clock, timers: this.clock });
  readonly challenges: Challenges;

  constructor({
    level = "active",
    withoutDisplay = "refuse",
    seed = 1,
    colouredLight = "off",
  }: {
    level?: ChallengeLevel;
    withoutDisplay?: "refuse" | "ask";
    seed?: number;
    colouredLight?: "off" | "deny";
  } = {}) {
    this.board.subscribe((state) => this.shown.push(state));
    this.challenges = new Challenges({
      ...{ level, withoutDisplay, colouredLight, clock: this.clock, timers: this.clock, random: seededRandom(seed) },
      ...{ logger: this.log.logger, board: this.board, screens: this.screens },
      command: (command) => {
        if (command.type === "challenge") this.commands.push(command);
        if (command.type === "light") this.lights.push(command);
        if (command.type === "hold") this.holds.push(command.untilMs);
      },
    });
  }

  /** The step that the display shows. */
  get step(): NonNullable<DisplayState["challenge"]> {
    const { challenge } = this.board.current;
    if (!challenge) throw new Error(`no challenge is shown but ${this.board.current.title}`);
    return challenge;
  }

  acknowledge(changes: Partial<Acknowledgement> = {}): boolean {
    const { id, step, nonce } = this.step;
    return this.challenges.acknowledge({ challenge: id, step, nonce, ...changes });
  }

  /** Vision's next word on the track. */
  see(
    track: number,
    state: "open" | "done" | "missed" | "failed" | "wrong" | null,
    { verdict = "live", ...more }: { verdict?: LivenessVerdict } & Partial<Sighting> = {},
  ) {
    this.clock.advance(100);
    const { id = "", step = 1 } = this.commands.at(-1) ?? {};
    const sighting = sightingOf(track, this.clock.nowMs() - 20, {
      liveness: { verdict, cues: [] },
      ...(state === null ? {} : { challenge: { id, step, state, says: `${state} for a reason` } }),
      ...more,
    });
    return this.challenges.sighted(sighting, "alice");
  }

  /** Leads the track through a challenge until it asks for something; whether it does so at all. */
  until(track: number, action: string): boolean {
    while (this.board.current.challenge) {
      this.acknowledge();
      if (this.commands.at(-1)?.action === action) return true;
      this.see(track, "done");
    }
    return false;
  }

  /** Leads the track through every step. */
  pass(track: number): void {
    for (let left = this.step.steps; left > 0; left--) {
      this.acknowledge();
      this.see(track, "open");
      this.see(track, "done");
    }
  }
}
