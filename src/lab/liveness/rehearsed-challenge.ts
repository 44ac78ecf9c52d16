import type { Clock } from "../../core/clock.ts";
import { silentLogger } from "../../core/logger.ts";
import { seededRandom } from "../../core/random.ts";
import type { Timers } from "../../core/timers.ts";
import { Challenges } from "../../daemon/challenge/challenges.ts";
import { DisplayBoard } from "../../daemon/display-board.ts";
import type { Prompt } from "../../simulation/motion.ts";
import type { VisionCommand } from "../../vision/protocol.ts";

export interface RehearsedChallengeParts {
  readonly seed: number;
  /** What the display asks for from now on. */
  ask(prompt: Prompt | null, atMs: number): void;
  /** Whether the display is a lamp from then on. */
  brighten(isBright: boolean, atMs: number): void;
  command(command: VisionCommand): void;
}

/** From a state that is sent to its acknowledgement: two frames of a screen, and the way there and back. */
const paintMs = 60;

/** The challenges of a door at `active` with a display that works, in the time of the frames. */
export class RehearsedChallenge {
  readonly challenges: Challenges;
  readonly board: DisplayBoard;
  readonly #time = new FrameTime();

  constructor({ seed, ask, brighten, command }: RehearsedChallengeParts) {
    const time = this.#time;
    this.board = new DisplayBoard({ clock: time, timers: time });
    this.challenges = new Challenges({
      ...{ level: "active", withoutDisplay: "refuse", screens: { count: 1 }, logger: silentLogger },
      ...{ clock: time, timers: time, random: seededRandom(seed), board: this.board, command },
    });
    let wasBright = false;
    this.board.subscribe(({ prompt, challenge, isBright = false }) => {
      ask(prompt, time.nowMs());
      if (isBright !== wasBright) brighten(isBright, time.nowMs() + paintMs);
      wasBright = isBright;
      if (!challenge || challenge.isRunning) return;
      const { id, step, nonce } = challenge;
      time.after(paintMs, () => this.challenges.acknowledge({ challenge: id, step, nonce }));
    });
  }

  /** Everything that falls due until then happens at its time. */
  advance(toMs: number): void {
    this.#time.advance(toMs);
  }
}

// --- internal ---

/** A clock that frames move on. */
class FrameTime implements Clock, Timers {
  #nowMs = 0;
  readonly #pending = new Set<{ readonly atMs: number; run(): void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(0);
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#pending.add(timer);
    return () => this.#pending.delete(timer);
  }

  advance(toMs: number): void {
    for (;;) {
      const [due] = [...this.#pending].filter(({ atMs }) => atMs <= toMs).sort((p, q) => p.atMs - q.atMs);
      if (!due) break;
      this.#pending.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = toMs;
  }
}
