/** Pure: whether what a visit showed may become a template, beside those that were enrolled. */

/** What one visit showed. Distances on the scale of the threshold. */
export interface VisitFacts {
  /** `2031-05-04`, UTC. */
  readonly day: string;
  /** Of the frame that was nearest to an enrolled template: to that, to any template of the person, to anybody else's. */
  readonly distance: number;
  readonly nearestOwn: number;
  readonly nearestOther: number | null;
  /** The person's own threshold. */
  readonly threshold: number;
  /** Somebody in the gallery is near the person, or the frame's quality, liveness or continuity leave a doubt. */
  readonly doubt: string | null;
  /** How the waiting candidate stands now; null when there is none, or its vectors do not open. */
  readonly candidate: CandidateFacts | null;
}

export interface CandidateFacts {
  /** To this visit's frame, to the nearest enrolled template, to anybody else's. */
  readonly toVisit: number;
  readonly toEnrolled: number;
  readonly toOther: number | null;
}

/** What is kept of a person's adaptation. Days as `2031-05-04`. */
export interface AdaptationState {
  readonly candidate: { readonly since: string; readonly confirmed: number; readonly lastDay: string } | null;
  /** Days on which the present adapted templates were taken in, oldest first. */
  readonly adaptedOn: readonly string[];
}

export type AdaptationStep =
  | { readonly kind: "nothing"; readonly why: string }
  /** This visit's vectors wait to be confirmed. */
  | { readonly kind: "propose" }
  | { readonly kind: "confirm" }
  /** The candidate becomes a template; `retires`: the oldest adapted one goes for it. */
  | { readonly kind: "adopt"; readonly retires: boolean }
  | { readonly kind: "discard"; readonly why: string };

export const adaptationLimits = {
  /** A visit counts when it is nearer than the threshold by this ... */
  strictBy: 0.08,
  /** ... and no further than this from an enrolled template, so that no number of steps leads further either. */
  farthest: 0.3,
  /** Nearer to a template there is, a new one would say nothing new. */
  nearest: 0.12,
  /** Anybody else must be further than the person by this, and at least so far. */
  margin: 0.15,
  leastOther: 0.45,
  /** Later days on which the same look came again, recognised by the enrolled templates alone. */
  confirmations: 3,
  /** An unconfirmed look is given up after so many days; the next one waits for so many after an adoption. */
  candidateDays: 60,
  restDays: 14,
  mostAdapted: 2,
} as const;

const dayMs = 86_400_000;

/**
 * The next step after a visit. Every condition is on the templates that somebody enrolled, never on adapted ones: what was
 * adapted helps to be let in and never to adapt. Written so that a distance that is no number counts as too far.
 */
export function decideAdaptation(visit: VisitFacts, { candidate, adaptedOn }: AdaptationState): AdaptationStep {
  const { confirmations, restDays, mostAdapted } = adaptationLimits;
  const why = visit.doubt ?? whyWeak(visit);
  if (why !== null) return { kind: "nothing", why };
  if (candidate !== null) {
    if (visit.candidate === null) return { kind: "discard", why: "it cannot be read" };
    const unfit = whyUnfit(visit.candidate);
    if (unfit !== null) return { kind: "discard", why: unfit };
    if (!(visit.day > candidate.lastDay)) return { kind: "nothing", why: "counted today" };
    if (!(visit.candidate.toVisit <= strictest(visit.threshold))) return { kind: "nothing", why: "another look" };
    if (candidate.confirmed + 1 < confirmations) return { kind: "confirm" };
    return { kind: "adopt", retires: adaptedOn.length >= mostAdapted };
  }
  const last = adaptedOn.at(-1);
  if (last !== undefined && daysBetween(last, visit.day) < restDays) return { kind: "nothing", why: "adapted lately" };
  if (!(visit.nearestOwn >= adaptationLimits.nearest)) return { kind: "nothing", why: "nothing new" };
  return { kind: "propose" };
}

/** Whether a look of that day has waited for its confirmation too long. */
export function isOverdue(since: string, day: string): boolean {
  return daysBetween(since, day) > adaptationLimits.candidateDays;
}

// --- internal ---

function strictest(threshold: number): number {
  return Math.min(adaptationLimits.farthest, threshold - adaptationLimits.strictBy);
}

function whyWeak({ distance, nearestOther, threshold }: VisitFacts): string | null {
  if (!(distance <= strictest(threshold))) return "not near enough to an enrolled picture";
  if (nearestOther === null) return null;
  const { leastOther, margin } = adaptationLimits;
  return nearestOther >= Math.max(leastOther, distance + margin) ? null : "somebody else is near";
}

/** People and pictures may have come since the candidate was kept. */
function whyUnfit({ toEnrolled, toOther }: CandidateFacts): string | null {
  if (!(toEnrolled <= adaptationLimits.farthest)) return "too far from the enrolled pictures";
  return toOther === null || toOther >= adaptationLimits.leastOther ? null : "somebody else is near";
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / dayMs;
}
