import { createHash } from "node:crypto";
import { LintelError } from "../../../core/errors.ts";
import type { LivenessFit } from "../../../models/liveness-fit.ts";
import type { Presented } from "../ablation/presented.ts";
import { clopperPearson } from "../clopper-pearson.ts";
import type { Rate } from "../report.ts";
import { type Example, fitLogistic, probability } from "./logistic.ts";

/** Cues of the door whose scores the model sees. */
export const fittedCues = ["parallax", "blink", "carrier", "network"] as const;

/** How a model does on people and kinds of attack that it was not fitted on. */
export interface FitReport {
  readonly fit: LivenessFit;
  /** Held-out tracks of people that it would deny, and of those attacks that the rule alone would let in. */
  readonly peopleDenied: Rate;
  readonly attacksDenied: Rate;
  readonly folds: number;
}

/** Part of the held-out living tracks that may be denied. */
const maxDenied = 0.01;
const minOfEachClass = 8;
const minFolds = 2;

interface Case extends Example {
  readonly group: string;
  /** The rule would let it in: of others the model is never asked. */
  readonly isGranted: boolean;
}

/**
 * Fits a model on tracks. Cross-validated by person (a recording counts as a person of its own) and, for attacks, by species, so that what is
 * told was never seen. The limit is set where at most 1 % of the held-out living tracks are denied. Throws `LINTEL_E_UNREADABLE`
 * for too little material.
 */
export function fitLiveness(presented: readonly Presented[]): FitReport {
  const cases = presented.flatMap(casesOf);
  const people = new Set(presented.map(({ material, person }) => `${material} ${person}`));
  const groups = [...new Set(cases.map(({ group }) => group))].sort();
  const lives = cases.filter(({ isLive }) => isLive).length;
  if (lives < minOfEachClass || cases.length - lives < minOfEachClass || groups.length < minFolds) {
    throw new LintelError(
      "LINTEL_E_UNREADABLE",
      `too little to fit on: ${lives} tracks of people, ${cases.length - lives} of attacks, ${groups.length} folds`,
      { hint: `At least ${minOfEachClass} of each are needed: lintel liveness ablation --seeds 10 --tracks FILE.` },
    );
  }
  const heldOut = groups.flatMap((group) => {
    const coefficients = fitLogistic(cases.filter((one) => one.group !== group));
    return cases
      .filter((one) => one.group === group)
      .map(({ features, isLive, isGranted }) => ({ isLive, isGranted, live: probability(coefficients, features) }));
  });
  const denyBelow = limitFor(heldOut.filter(({ isLive }) => isLive).map(({ live }) => live));
  const coefficients = fitLogistic(cases);
  const denied = (isLive: boolean) => {
    const those = heldOut.filter((one) => one.isLive === isLive && one.isGranted);
    return rateOf(those.filter(({ live }) => live < denyBelow).length, those.length);
  };
  return {
    fit: {
      format: 1,
      weights: Object.fromEntries(fittedCues.map((cue, i) => [cue, coefficients[i] ?? 0])),
      bias: coefficients.at(-1) ?? 0,
      denyBelow,
      data: { sha256: hashOf(presented), tracks: cases.length, people: people.size },
    },
    peopleDenied: denied(true),
    attacksDenied: denied(false),
    folds: groups.length,
  };
}

// --- internal ---

/** People as they were when the rule let them in; attacks of every kind teach it, those as well that get no further. */
function casesOf({ material, kind, isGenuine, person, tracks }: Presented): Case[] {
  const group = material === "real" ? person : isGenuine ? person : kind;
  return tracks
    .filter(({ liveAtMs }) => !isGenuine || liveAtMs !== null)
    .map(({ liveAtMs, cues }) => ({
      group,
      isGranted: liveAtMs !== null && cues.every(({ spoofAtMs }) => spoofAtMs === null || spoofAtMs > liveAtMs),
      isLive: isGenuine,
      features: fittedCues.map((name) => (cues.find((cue) => cue.name === name)?.score ?? 0.5) - 0.5),
    }));
}

/** The largest limit that denies at most the permitted part, and never somebody whom the model takes for alive. */
function limitFor(lives: readonly number[]): number {
  const sorted = [...lives].sort((p, q) => p - q);
  return Math.min(0.5, sorted[Math.floor(maxDenied * sorted.length)] ?? 0);
}

function rateOf(count: number, n: number): Rate {
  return { count, n, rate: n === 0 ? 0 : count / n, interval: clopperPearson(count, n) };
}

function hashOf(presented: readonly Presented[]): string {
  return createHash("sha256").update(JSON.stringify(presented)).digest("hex");
}
