import { seededRandom } from "../../core/random.ts";
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

/** False match rates at which the false non-match rate is given. */
export const reportedFmrs = ["1e-2", "1e-3", "1e-4", "1e-5"] as const;
type FmrName = (typeof reportedFmrs)[number];
type PerFmr<Value> = Readonly<Record<FmrName, Value | null>>;

/** The document of `lintel evaluate --json`. All rates are fractions. */
export interface EvaluationReport {
  readonly genuine: number;
  readonly impostor: number;
  readonly failedToAcquire: readonly { readonly file: string; readonly reason: string }[];
  readonly eer: number;
  readonly auc: number;
  /** Null where there are fewer than 3 / FMR impostor pairs: too few to say anything. */
  readonly fnmrAtFmr: PerFmr<number>;
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
  };
}

export interface Evidence {
  readonly pairs: readonly ScoredPair[];
  readonly failedToAcquire: EvaluationReport["failedToAcquire"];
  /** How many probes there were and how many were nearest to their own person's first picture. */
  readonly identification: { readonly probes: number; readonly right: number } | undefined;
}

export function makeReport(evidence: Evidence): EvaluationReport {
  const sorted = byDistance(evidence.pairs);
  const genuine = sorted.filter((pair) => pair.isGenuine).length;
  const impostor = sorted.length - genuine;
  const curve = errorCurve(sorted);
  const best = bestThreshold(curve, { genuine, impostor });
  const { identification } = evidence;
  const atFmr = fnmrs(curve, { genuine, impostor });
  const eer = equalErrorRate(curve);
  return {
    genuine,
    impostor,
    failedToAcquire: evidence.failedToAcquire,
    eer,
    auc: curve.auc,
    fnmrAtFmr: atFmr.rates,
    best: { threshold: best.threshold, accuracy: best.right / sorted.length },
    rank1: identification === undefined ? null : identification.right / identification.probes,
    intervals: {
      ...curveIntervals(sorted, { eer, genuine, impostor }),
      fnmrAtFmr: atFmr.intervals,
      accuracy: wilson(best.right, sorted.length),
      rank1: identification === undefined ? null : wilson(identification.right, identification.probes),
    },
  };
}

function fnmrs(curve: ErrorCurve, { genuine, impostor }: { genuine: number; impostor: number }) {
  const rateAt = (name: FmrName): number | null =>
    genuine > 0 && impostor >= 3 / Number(name) ? fnmrAtFmr(curve, Number(name)) : null;
  const intervalAt = (name: FmrName): Interval | null => {
    const fnmr = rateAt(name);
    return fnmr === null ? null : wilson(Math.round(fnmr * genuine), genuine);
  };
  return { rates: perFmr(rateAt), intervals: perFmr(intervalAt) };
}

function perFmr<Value>(make: (name: FmrName) => Value | null): PerFmr<Value> {
  return { "1e-2": make("1e-2"), "1e-3": make("1e-3"), "1e-4": make("1e-4"), "1e-5": make("1e-5") };
}

/** About 20 million weighed pairs in all, however many there are. */
const bootstrapWork = 20_000_000;

function curveIntervals(
  sorted: readonly ScoredPair[],
  { eer, genuine, impostor }: { eer: number; genuine: number; impostor: number },
): { eer: Interval; auc: Interval } {
  const replicates = Math.max(100, Math.min(1000, Math.floor(bootstrapWork / sorted.length)));
  const [ofEer = [0, 1], ofAuc = [0, 1]] = bootstrapIntervals(sorted, [equalErrorRate, (curve) => curve.auc], {
    replicates,
    random: seededRandom(1),
  });
  // Drawing again from pairs without an error never makes one; what is believable then follows from their number.
  const isWithoutError = eer === 0;
  return { eer: isWithoutError ? [0, highestWithoutError(Math.min(genuine, impostor))] : ofEer, auc: ofAuc };
}
