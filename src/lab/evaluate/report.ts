import { seededRandom } from "../../core/random.ts";
import type { Evidence, Part } from "./evidence.ts";
import { bootstrapIntervals, highestWithoutError, type Interval, wilson } from "./intervals.ts";
import {
  bestThreshold,
  byDistance,
  type ErrorCurve,
  equalErrorRate,
  errorCurve,
  fnmrAtFmr,
  type ScoredPair,
} from "./metrics.ts";
import type { OpenSetResult } from "./open-set.ts";

/** False match rates at which the false non-match rate is given. */
export const reportedFmrs = ["1e-2", "1e-3", "1e-4", "1e-5"] as const;
export type FmrName = (typeof reportedFmrs)[number];
type PerFmr<Value> = Readonly<Record<FmrName, Value | null>>;

/** Rates of some pairs. */
export interface PairRates {
  readonly genuine: number;
  readonly impostor: number;
  readonly eer: number;
  readonly auc: number;
  /** Null where there are fewer than 3 / FMR impostor pairs: too few to say anything. */
  readonly fnmrAtFmr: PerFmr<number>;
}

/** The document of `lintel evaluate --json`. All rates are fractions. */
export interface EvaluationReport extends PairRates {
  readonly failedToAcquire: readonly { readonly file: string; readonly reason: string }[];
  /** Failure to acquire: part of the pictures; null when their number is not known. */
  readonly fta: number | null;
  readonly best: { readonly threshold: number; readonly accuracy: number };
  /** Null when the people are not known. */
  readonly rank1: number | null;
  /** 95 %: bootstrap over people (over pairs when the people are not known) for eer and auc, Wilson for the others. */
  readonly intervals: {
    readonly eer: Interval;
    readonly auc: Interval;
    readonly fnmrAtFmr: PerFmr<Interval>;
    readonly accuracy: Interval;
    readonly rank1: Interval | null;
    readonly fta: Interval | null;
  };
  /** The lowest false match rate that so many impostor pairs can speak of (rule of three, 95 %). */
  readonly smallestFmr: number;
  /** Only pairs within one set, all sets together; null for a single set. */
  readonly withinSets: PairRates | null;
  readonly sets: readonly (PairRates & { readonly name: string })[];
  readonly groups: readonly (PairRates & { readonly name: string })[];
  /** Identification among strangers, a set at a time. */
  readonly openSet: readonly (OpenSetResult & { readonly name: string })[];
}

export function makeReport(evidence: Evidence): EvaluationReport {
  const sorted = byDistance(evidence.pairs);
  const curve = errorCurve(sorted);
  const rates = ratesOf(sorted, curve);
  const best = bestThreshold(curve, rates);
  const { identification, pictures, failedToAcquire, parts = [], openSets = [] } = evidence;
  const sets = parts.filter(({ kind }) => kind === "set");
  const failed = failedToAcquire.length;
  return {
    ...rates,
    failedToAcquire,
    fta: pictures === undefined ? null : failed / pictures,
    best: { threshold: best.threshold, accuracy: best.right / sorted.length },
    rank1: identification === undefined ? null : identification.right / identification.probes,
    intervals: {
      ...curveIntervals(sorted, rates),
      fnmrAtFmr: fnmrIntervals(rates),
      accuracy: wilson(best.right, sorted.length),
      rank1: identification === undefined ? null : wilson(identification.right, identification.probes),
      fta: pictures === undefined ? null : wilson(failed, pictures),
    },
    smallestFmr: rates.impostor === 0 ? 1 : Math.min(1, 3 / rates.impostor),
    withinSets: sets.length === 0 ? null : partRates(sets.flatMap(({ pairs }) => pairs)),
    sets: sets.map(named),
    groups: parts.filter(({ kind }) => kind === "group").map(named),
    openSet: openSets.map(({ name, result }) => ({ name, ...result })),
  };
}

// --- internal ---

function named({ name, pairs }: Part): PairRates & { name: string } {
  return { name, ...partRates(pairs) };
}

function partRates(pairs: readonly ScoredPair[]): PairRates {
  const sorted = byDistance(pairs);
  return ratesOf(sorted, errorCurve(sorted));
}

function ratesOf(sorted: readonly ScoredPair[], curve: ErrorCurve): PairRates {
  const genuine = sorted.reduce((sum, pair) => sum + Number(pair.isGenuine), 0);
  const impostor = sorted.length - genuine;
  const rateAt = (name: FmrName): number | null =>
    genuine > 0 && impostor >= 3 / Number(name) ? fnmrAtFmr(curve, Number(name)) : null;
  return { genuine, impostor, eer: equalErrorRate(curve), auc: curve.auc, fnmrAtFmr: perFmr(rateAt) };
}

function fnmrIntervals({ genuine, fnmrAtFmr: rates }: PairRates): PerFmr<Interval> {
  return perFmr((name) => {
    const fnmr = rates[name];
    return fnmr === null ? null : wilson(Math.round(fnmr * genuine), genuine);
  });
}

function perFmr<Value>(make: (name: FmrName) => Value | null): PerFmr<Value> {
  return { "1e-2": make("1e-2"), "1e-3": make("1e-3"), "1e-4": make("1e-4"), "1e-5": make("1e-5") };
}

/** About 20 million weighed pairs in all, however many there are. */
const bootstrapWork = 20_000_000;

function curveIntervals(
  sorted: readonly ScoredPair[],
  { eer, genuine, impostor }: PairRates,
): { eer: Interval; auc: Interval } {
  const replicates = Math.max(200, Math.min(1000, Math.floor(bootstrapWork / sorted.length)));
  const [ofEer = [0, 1], ofAuc = [0, 1]] = bootstrapIntervals(sorted, [equalErrorRate, (curve) => curve.auc], {
    replicates,
    random: seededRandom(1),
  });
  // Drawing again from pairs without an error never makes one; what is believable then follows from their number.
  const isWithoutError = eer === 0;
  return { eer: isWithoutError ? [0, highestWithoutError(Math.min(genuine, impostor))] : ofEer, auc: ofAuc };
}
