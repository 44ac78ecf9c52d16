import { errorText } from "../../core/errors.ts";
import type { Timers } from "../../core/timers.ts";
import type { SignalLine } from "../api.ts";
import type { SignalOutcome } from "./protocol.ts";
import { type Pattern, patternOf, patterns } from "./signal-patterns.ts";

export interface SignalPlayerDeps {
  /** The lights and sounders that are wired. */
  readonly lines: readonly SignalLine[];
  readonly timers: Timers;
  set(line: SignalLine, isActive: boolean): Promise<void>;
  onFault(line: SignalLine, reason: string): void;
}

/** Sounders fall silent by themselves after this long, should nobody come; the lights go on. */
export const maxSoundMs = 180_000;
const sounders: readonly SignalLine[] = ["alarm", "buzzer"];

/**
 * Plays what the lights and sounders say. A short word (`granted`, `refused`) interrupts what lasts (`warning`, `alarm`),
 * which goes on afterwards; the siren is not interrupted. It knows no strike, waits for nobody, and never throws: a lamp
 * that fails must not cost the door anything.
 */
export class SignalPlayer {
  readonly #deps: SignalPlayerDeps;
  /** As last driven; missing: not known, so driven again. Opening the lines left every output inactive. */
  readonly #isLit: Map<SignalLine, boolean>;
  readonly #faulty = new Set<SignalLine>();
  #lasting: Pattern | null = null;
  #isMuted = false;
  #cancelStep = () => {};
  #cancelMute = () => {};

  constructor(deps: SignalPlayerDeps) {
    this.#deps = deps;
    this.#isLit = new Map(deps.lines.map((line) => [line, false]));
  }

  play(outcome: SignalOutcome): void {
    if (this.#deps.lines.length === 0) return;
    const pattern = patternOf(outcome);
    if (pattern?.isShort) return this.#step(pattern, 0);
    if (pattern === this.#lasting) return;
    this.#lasting = pattern;
    this.#isMuted = false;
    this.#cancelMute();
    if (pattern) this.#cancelMute = this.#deps.timers.after(maxSoundMs, () => this.#mute());
    this.#resume();
  }

  /** Everything dark and silent. */
  stop(): void {
    this.#cancelStep();
    this.#cancelMute();
    this.#lasting = null;
    this.#show(null, 0);
  }

  // --- internal ---

  #mute(): void {
    this.#isMuted = true;
    this.#resume();
  }

  #resume(): void {
    if (this.#lasting) return this.#step(this.#lasting, 0);
    this.#cancelStep();
    this.#show(null, 0);
  }

  #step(pattern: Pattern, index: number): void {
    this.#cancelStep();
    const step = pattern.steps[index];
    if (!step) return pattern.isShort ? this.#resume() : this.#step(pattern, 0);
    this.#show(pattern, index);
    this.#cancelStep = this.#deps.timers.after(step.ms, () => this.#step(pattern, index + 1));
  }

  #show(pattern: Pattern | null, index: number): void {
    const on = new Set(pattern?.steps[index]?.on);
    if (this.#lasting === patterns.alarm) on.add("alarm");
    if (this.#isMuted) {
      on.delete("alarm");
      if (pattern === this.#lasting) for (const line of sounders) on.delete(line);
    }
    for (const line of this.#deps.lines) this.#put(line, on.has(line));
  }

  #put(line: SignalLine, isActive: boolean): void {
    if (this.#isLit.get(line) === isActive) return;
    this.#isLit.set(line, isActive);
    this.#drive(line, isActive).then(
      () => void this.#faulty.delete(line),
      (error: unknown) => this.#failed(line, errorText(error)),
    );
  }

  /** A driver that throws instead of rejecting is no different. */
  async #drive(line: SignalLine, isActive: boolean): Promise<void> {
    await this.#deps.set(line, isActive);
  }

  #failed(line: SignalLine, reason: string): void {
    this.#isLit.delete(line);
    if (this.#faulty.has(line)) return;
    this.#faulty.add(line);
    this.#deps.onFault(line, reason);
  }
}
