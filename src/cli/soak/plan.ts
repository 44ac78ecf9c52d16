import type { Random } from "../../core/random.ts";

export const visitorNames = ["enrolled", "stranger", "print"] as const;
export type VisitorName = (typeof visitorNames)[number];

export type Turn = {
  /** Simulated milliseconds from the start of the day. */
  readonly atMs: number;
} & ({ readonly kind: "visit"; readonly who: VisitorName } | { readonly kind: "fault"; readonly fault: string });

export interface PlanOptions {
  readonly hours: number;
  readonly visits: number;
  /** Faults that end the control plane itself: once each, early, so that what follows is one long life. */
  readonly hardFaults: readonly string[];
  /** All others. */
  readonly faults: readonly string[];
  /** How often each of the others comes. */
  readonly rounds: number;
  readonly random: Random;
}

/** Parts of the day: until here the hard faults, until there the others; the rest is quiet, and growth is judged in it. */
const hardUntil = 0.15;
const faultsUntil = 0.65;
const hourMs = 3_600_000;

/** Three of five visitors are known; of the others half is a photograph of somebody who is. */
const mix: readonly VisitorName[] = ["enrolled", "stranger", "enrolled", "print", "enrolled"];

/** A day at the door, in order: when somebody comes and when something breaks. Pure. */
export function planDay({ hours, visits, hardFaults, faults, rounds, random }: PlanOptions): Turn[] {
  const dayMs = hours * hourMs;
  const turns: Turn[] = Array.from({ length: visits }, (_, i) => ({
    atMs: ((i + random()) / visits) * dayMs,
    kind: "visit",
    who: mix[i % mix.length] ?? "enrolled",
  }));
  const spread = (names: readonly string[], { from, until }: { from: number; until: number }) => {
    for (const [i, fault] of names.entries()) {
      const part = from + ((i + random()) / names.length) * (until - from);
      turns.push({ atMs: part * dayMs, kind: "fault", fault });
    }
  };
  spread(hardFaults, { from: 0.02, until: hardUntil });
  const series = Array.from({ length: rounds }, () => shuffled(faults, random)).flat();
  spread(series, { from: hardUntil, until: faultsUntil });
  return turns.sort((a, b) => a.atMs - b.atMs);
}

// --- internal ---

/** Fisher and Yates. */
function shuffled(names: readonly string[], random: Random): string[] {
  const result = [...names];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}
