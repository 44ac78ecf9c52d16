import type { Verdict } from "./door-rehearsal.ts";
import { type KeptTrials, visitKey } from "./kept-trials.ts";
import { isGenuine, type Kind } from "./presentations.ts";
import type { Trial } from "./report.ts";

/** One visit to the simulated door: all of it follows from kind and seed. */
export interface Visit {
  readonly kind: Kind;
  readonly seed: number;
}

/** Plays visits, one at a time. */
export interface VisitPlayer {
  play(visit: Visit): Promise<Verdict>;
  stop(): Promise<void>;
}

export interface VisitsPlan {
  readonly visits: readonly Visit[];
  /** So many players play at the same time. */
  readonly jobs: number;
  openPlayer(): VisitPlayer;
  /** Those already in it are not played again. */
  readonly kept?: KeptTrials | undefined;
  /** `isKept`: it was not played now. */
  onTrial(isKept: boolean): void;
}

/** Plays visits side by side; the trials come in the order of the visits. Throws what a player throws. */
export async function playVisits(plan: VisitsPlan): Promise<Trial[]> {
  const { visits, kept, onTrial } = plan;
  const trials = new Map<string, Trial>();
  const todo: Visit[] = [];
  for (const visit of visits) {
    const trial = kept?.find(visit);
    if (!trial) {
      todo.push(visit);
      continue;
    }
    trials.set(visitKey(visit), trial);
    onTrial(true);
  }
  // All of them take from one queue.
  const queue = todo.values();
  const players = Array.from({ length: Math.min(plan.jobs, todo.length) }, () => plan.openPlayer());
  const playOn = async (player: VisitPlayer) => {
    for (const visit of queue) {
      const trial = trialOf(visit, await player.play(visit));
      await kept?.add(trial);
      trials.set(visitKey(visit), trial);
      onTrial(false);
    }
  };
  try {
    await Promise.all(players.map(playOn));
  } finally {
    await Promise.all(players.map((player) => player.stop()));
  }
  return visits.flatMap((visit) => trials.get(visitKey(visit)) ?? []);
}

// --- internal ---

function trialOf({ kind, seed }: Visit, { response, afterMs, says, deniedBy }: Verdict): Trial {
  return { kind, isGenuine: isGenuine(kind), source: String(seed), response, afterMs, says, deniedBy };
}
