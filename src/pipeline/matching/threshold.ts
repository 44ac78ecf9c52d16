/** How near a probe must be, as distances of the dlib embedder (Euclidean, not squared; same-person pairs lie near 0.3). */

/** A threshold and the gallery and target it was set for. */
export interface ThresholdReference {
  readonly people: number;
  readonly templates: number;
  /** FPIR per walk-up: the probability that a stranger who walks up is taken for anybody. */
  readonly target: number;
  readonly threshold: number;
}

/**
 * What holds until the door has been calibrated. Open-set search with 120 people of 3 pictures each: 0.40 accepted 0.1 %
 * of the strangers (and 77 % of the right people in one single picture), 0.45 2.9 % and 0.50 14 %.
 */
export const uncalibrated: ThresholdReference = { people: 150, templates: 450, target: 1e-3, threshold: 0.4 };

/**
 * One-to-one threshold at FMR 1e-3, measured with this pipeline over 410 k impostor pairs of three populations (there FNMR
 * 6 % of 5.9 k genuine pairs). Within one population the same FMR is reached at 0.42 to 0.48.
 */
export const verificationThreshold = 0.473;

/**
 * Distance per decade of false matches. The same pairs gave thresholds of 0.541, 0.473, 0.424 and 0.386 at FMR 1e-2, 1e-3,
 * 1e-4 and 1e-5: a decade costs 0.049, then 0.038, and less further out. So 0.044 errs to the strict side when a threshold
 * of 0.40 is tightened. For loosening the strict side is the smaller slope: 0.034, from the open-set figures between 0.40
 * (0.1 %) and 0.45 (2.9 %).
 */
const tightenPerDecade = 0.044;
const loosenPerDecade = 0.034;

export interface ThresholdQuery {
  readonly people: number;
  /** Templates of all people together. */
  readonly templates: number;
  readonly target: number;
  /** Ceiling, whatever the rule says. */
  readonly maxDistance: number;
  /** Absent: `uncalibrated`. */
  readonly reference?: ThresholdReference | undefined;
}

/**
 * The threshold for a gallery. Rule: the FPIR of a walk-up stays what it was at the reference. A stranger is compared with
 * every template, so to first order FPIR = templates x FMR(threshold); with `load` times the reference's people or
 * templates (whichever grew more) the FMR must fall by that factor, which is log10(load) decades. A smaller gallery does
 * not loosen the threshold, because the reference says nothing about it. Another target shifts by log10(target ratio).
 */
export function thresholdFor(query: ThresholdQuery): number {
  const { people, templates, target, maxDistance, reference = uncalibrated } = query;
  if (!(target > 0 && target < 1)) throw new RangeError(`target must lie between 0 and 1, not ${target}`);
  if (!(people >= 0 && templates >= 0)) throw new RangeError("the size of a gallery cannot be negative");
  if (!(maxDistance > 0)) throw new RangeError(`maxDistance must be above 0, not ${maxDistance}`);
  const load = Math.max(1, people / Math.max(1, reference.people), templates / Math.max(1, reference.templates));
  const decades = Math.log10(target / reference.target) - Math.log10(load);
  const threshold = reference.threshold + decades * (decades < 0 ? tightenPerDecade : loosenPerDecade);
  return Math.max(0, Math.min(threshold, maxDistance));
}
