import type { Random } from "../../core/random.ts";
import { thresholdFor } from "../matching/threshold.ts";
import { fitLowerTail, type LowerTail, tailProbability } from "./pareto-tail.ts";
import { shippedFalseMatchRate } from "./shipped-statistics.ts";
import { farthest, type SiteDistances } from "./site-distances.ts";

export interface CalibrationGoal {
  /** Accepted probability that a stranger's look is taken for anybody (FPIR), per walk-up. */
  readonly targetFpir: number;
  /** Ceiling, whatever is found. */
  readonly maxDistance: number;
  /** For the bootstrap; seeded by the caller, so that the same gallery gives the same threshold. */
  readonly random: Random;
}

export interface CalibratedThreshold {
  readonly threshold: number;
  /** `shipped`: the gallery is too small to say anything itself. */
  readonly basis: "shipped" | "site";
  /** FPIR that is expected at the threshold, after all bounds. */
  readonly expectedFpir: number;
  /** Pairs of people of the gallery behind it; 0 for `shipped`. */
  readonly pairs: number;
  /** What the shipped statistics alone, and the gallery alone, would have given; null where it says nothing. */
  readonly fromShipped: number;
  readonly fromSite: number | null;
  /** 90 % interval of `fromSite`, by drawing people again. */
  readonly siteInterval: readonly [low: number, high: number] | null;
  readonly tail: LowerTail | null;
}

/** Fewer people say nothing about strangers: then the shipped statistics count alone. */
export const leastPeople = 6;
/** A gallery may be dealt out by whoever wants to get in: it may tighten as it likes down to the least, loosen only so far. */
export const mostLoosening = 0.03;
/** Below this hardly anybody gets in any more (half of the looks at somebody enrolled from one camera are refused at 0.16). */
export const leastThreshold = 0.25;
/** The shipped statistics count as so many pairs of people: with 21 people a gallery weighs as much as they. */
export const shippedPairs = 200;
/** The tail: a tenth of all distances, but not more than is needed. */
const tailShare = 0.1;
const leastTail = 20;
const mostTail = 2000;
const replicates = 100;
const step = 0.001;

/**
 * The threshold at which a stranger is taken for somebody with the target probability. The false match rate of one look against
 * one person is that of the gallery itself, its tail fitted and its uncertainty bootstrapped over people, merged with the shipped
 * one: each weighs as many pairs as it has. With K people FPIR = 1 - (1 - rate)^K. The frames of one walk-up show one face and are
 * taken as one look.
 */
export function calibrate(site: SiteDistances, goal: CalibrationGoal): CalibratedThreshold {
  const people = site.people.length;
  const perPerson = people === 0 ? 0 : site.templates / people;
  const shippedRate = (at: number): number => shippedFalseMatchRate(at, perPerson);
  const fpirOf = (rate: (at: number) => number) => (at: number) => 1 - (1 - rate(at)) ** people;
  const fromShipped = strictest(fpirOf(shippedRate), goal.targetFpir);
  const ceiling = Math.min(goal.maxDistance, ruleOfThumb(site, goal) + mostLoosening);
  const tails = people >= leastPeople ? siteTails(site, goal.random) : null;
  if (tails === null) {
    const threshold = bounded(fromShipped, ceiling);
    const expectedFpir = fpirOf(shippedRate)(threshold);
    const nothing = { fromSite: null, siteInterval: null, tail: null, pairs: 0 };
    return { threshold, basis: "shipped", expectedFpir, fromShipped, ...nothing };
  }
  const weight = site.pairs / (site.pairs + shippedPairs);
  const merged = fpirOf((at) => weight * upperRate(tails, at) + (1 - weight) * shippedRate(at));
  const threshold = bounded(Math.min(strictest(merged, goal.targetFpir), fromShipped + mostLoosening), ceiling);
  return {
    threshold,
    basis: "site",
    expectedFpir: merged(threshold),
    pairs: site.pairs,
    fromShipped,
    fromSite: strictest(
      fpirOf((at) => tailProbability(tails.fitted, at)),
      goal.targetFpir,
    ),
    siteInterval: intervalOf(tails, (tail) =>
      strictest(
        fpirOf((at) => tailProbability(tail, at)),
        goal.targetFpir,
      ),
    ),
    tail: tails.fitted,
  };
}

// --- internal ---

/** What holds without any calibration, for a gallery of this size. */
function ruleOfThumb(site: SiteDistances, { targetFpir, maxDistance }: CalibrationGoal): number {
  return thresholdFor({ people: site.people.length, templates: site.templates, target: targetFpir, maxDistance });
}

function bounded(threshold: number, ceiling: number): number {
  return Math.min(ceiling, Math.max(leastThreshold, threshold));
}

/** The largest distance, in whole steps, up to which a rate that grows with it stays within the target. */
function strictest(rate: (at: number) => number, target: number): number {
  let low = 0;
  let high = Math.round(farthest / step);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (rate(middle * step) <= target) low = middle;
    else high = middle - 1;
  }
  // Whole thousandths, without the dust of binary fractions.
  return Number((low * step).toFixed(3));
}

interface Tails {
  readonly fitted: LowerTail;
  /** Fits to people drawn again. */
  readonly drawn: readonly LowerTail[];
}

/** Null where the gallery has too few near pairs for a fit. */
function siteTails({ people, impostor }: SiteDistances, random: Random): Tails | null {
  const { distances, probes, against, weights, totalWeight, keptBelow } = impostor;
  const all = distances.length;
  const wanted = Math.min(mostTail, Math.max(leastTail, Math.ceil(tailShare * totalSamples(impostor))));
  const size = Math.min(all, wanted);
  const limit = size < all ? (distances[size] ?? keptBelow) : keptBelow;
  // Descending, as the fit wants them.
  const tail = Array.from({ length: size }, (_, i) => size - 1 - i);
  const near = tail.map((i) => distances[i]!);
  const fitted = (times: Float64Array | null): LowerTail | null => {
    const factor = (i: number): number => (times === null ? 1 : times[probes[i]!]! * times[against[i]!]!);
    const drawnWeights = tail.map((i) => weights[i]! * factor(i));
    const total = totalWeight * (times === null ? 1 : pairsDrawn(times));
    return fitLowerTail({ distances: near, weights: drawnWeights, limit, totalWeight: total });
  };
  const whole = fitted(null);
  if (whole === null) return null;
  const drawn: LowerTail[] = [];
  for (let r = 0; r < replicates; r++) {
    const times = new Float64Array(people.length);
    for (let n = 0; n < people.length; n++) {
      const who = Math.floor(random() * people.length);
      times[who] = times[who]! + 1;
    }
    const tailOfDraw = fitted(times);
    if (tailOfDraw !== null) drawn.push(tailOfDraw);
  }
  return { fitted: whole, drawn };
}

/** Pairs of two different people among those drawn, as a part of all pairs: who is drawn twice makes no pair with himself. */
function pairsDrawn(times: Float64Array): number {
  const squares = times.reduce((sum, n) => sum + n * n, 0);
  return (times.length ** 2 - squares) / (times.length * (times.length - 1));
}

/** How many comparisons there were, with those that were only counted. */
function totalSamples({ weights, totalWeight }: SiteDistances["impostor"]): number {
  if (weights.length === 0) return 0;
  const meanWeight = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return totalWeight / meanWeight;
}

/**
 * The fitted false match rate, or the median of the draws where that is higher. (docs/accuracy.md says what a
 * higher quantile would cost.)
 */
function upperRate({ fitted, drawn }: Tails, at: number): number {
  const rates = drawn.map((tail) => tailProbability(tail, at)).sort((p, q) => p - q);
  const upper = rates[rates.length >> 1] ?? 1;
  // At its limit and above the tail says nothing; nobody may be let in on that.
  return at >= fitted.limit ? 1 : Math.max(upper, tailProbability(fitted, at));
}

function intervalOf({ drawn }: Tails, value: (tail: LowerTail) => number): readonly [number, number] | null {
  const values = drawn.map(value).sort((p, q) => p - q);
  const at = (share: number): number | undefined => values[Math.floor(share * (values.length - 1))];
  const low = at(0.05);
  const high = at(0.95);
  return low === undefined || high === undefined ? null : [low, high];
}
