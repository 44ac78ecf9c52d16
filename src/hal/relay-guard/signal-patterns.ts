import type { SignalLine } from "../api.ts";
import type { SignalOutcome } from "./protocol.ts";

/** One moment of a pattern: what is on, and for how long. */
export interface PatternStep {
  readonly on: readonly SignalLine[];
  readonly ms: number;
}

/** A short pattern is played once; any other starts again until it is replaced. */
export interface Pattern {
  readonly isShort: boolean;
  readonly steps: readonly PatternStep[];
}

/**
 * What each outcome looks and sounds like. Told apart without colours (one beep, three beeps, a slow beat, a quick one)
 * and without sound (steady green, flickering red, slow red, quick red), for those who do not see or hear the other.
 * Nothing flashes faster than three times a second (WCAG 2.3.1, photosensitive epilepsy).
 */
export const patterns = {
  granted: {
    isShort: true,
    steps: [
      { on: ["greenLight", "buzzer"], ms: 150 },
      { on: ["greenLight"], ms: 2350 },
    ],
  },
  refused: {
    isShort: true,
    steps: [
      { on: ["redLight", "buzzer"], ms: 200 },
      { on: [], ms: 150 },
      { on: ["redLight", "buzzer"], ms: 200 },
      { on: [], ms: 150 },
      { on: ["redLight", "buzzer"], ms: 200 },
      { on: ["redLight"], ms: 900 },
    ],
  },
  warning: {
    isShort: false,
    steps: [
      { on: ["redLight", "buzzer"], ms: 200 },
      { on: ["redLight"], ms: 800 },
      { on: [], ms: 1000 },
    ],
  },
  alarm: {
    isShort: false,
    steps: [
      { on: ["redLight", "buzzer"], ms: 400 },
      { on: [], ms: 200 },
    ],
  },
} as const satisfies Record<Exclude<SignalOutcome, "quiet">, Pattern>;

/** The pattern of an outcome; null for `quiet`. */
export function patternOf(outcome: SignalOutcome): Pattern | null {
  return outcome === "quiet" ? null : patterns[outcome];
}
