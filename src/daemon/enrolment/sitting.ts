import { freshness } from "../../core/clock.ts";
import { euclidean } from "../../pipeline/matching/matrix.ts";
import { type Sighting, unpackEmbedding } from "../../vision/protocol.ts";
import { advice } from "../admission/advice.ts";
import { maxFrameAgeMs } from "../admission/types.ts";
import type { DisplayState } from "../api.ts";
import { type Candidate, samePersonDistance, samePictureDistance } from "../people/photo-rules.ts";

/** The views a person is enrolled by, in the order in which they are asked for. Left and right are the person's own. */
export const views = ["front", "left", "right"] as const;
export type View = (typeof views)[number];

/** One person before the camera, from the first good picture to the last. Pure data: `sit` makes the next one. */
export interface Sitting {
  readonly trackId: number;
  readonly taken: readonly { readonly view: View; readonly candidate: Candidate }[];
  /** When the track last proved to be alive, in ms; null: not yet. */
  readonly liveAtMs: number | null;
}

export type SittingStep =
  | { readonly kind: "nothing" }
  | { readonly kind: "prompt"; readonly prompt: NonNullable<DisplayState["prompt"]> }
  | { readonly kind: "taken"; readonly view: View }
  /** Every view is there; the challenge of the door's level is still to be passed. */
  | { readonly kind: "challenge" }
  /** Every view is there, and the person is alive. */
  | { readonly kind: "complete" }
  | { readonly kind: "failed"; readonly reason: "not-live" | "another-face" };

export interface SittingRules {
  readonly minFaceWidthPx: number;
  readonly requiresLiveness: boolean;
}

export interface SittingCircumstances {
  readonly rules: SittingRules;
  readonly nowMs: number;
  /** How the track stands to the challenge of the door's level; `none`: that level asks for none. */
  readonly challenge: "none" | "lacking" | "passed";
}

/** Proof of life counts for pictures around it, not for those of another minute. */
const proofHoldMs = 10_000;

export function newSitting(trackId: number): Sitting {
  return { trackId, taken: [], liveAtMs: null };
}

/**
 * Looks at one sighting of the sitting's track; its liveness is what it is at the door's level. Nothing is taken from a frame
 * that is stale, unfit, or so unlike the views before it that it might be somebody else; a spoof ends the sitting for good, and
 * so does another face once the views are there.
 */
export function sit(
  before: Sitting,
  sighting: Sighting,
  { rules, nowMs, challenge }: SittingCircumstances,
): { readonly next: Sitting; readonly step: SittingStep } {
  const still = { next: before, step: { kind: "nothing" } } as const;
  if (freshness(sighting.capturedAtMs, nowMs, maxFrameAgeMs) !== "fresh") return still;
  if (sighting.liveness.verdict === "spoof") return { next: before, step: { kind: "failed", reason: "not-live" } };
  const isLive = sighting.liveness.verdict === "live" || !rules.requiresLiveness;
  const current = isLive ? { ...before, liveAtMs: sighting.capturedAtMs } : before;
  const wanted = views[current.taken.length];
  if (wanted === undefined) return { next: current, step: closing(current, sighting, { nowMs, challenge }) };
  const candidate = candidateOf(sighting, wanted);
  if (candidate !== null && isAnotherViewOf(candidate, current)) {
    return {
      next: { ...current, taken: [...current.taken, { view: wanted, candidate }] },
      step: { kind: "taken", view: wanted },
    };
  }
  const helped = wanted === "front" ? advice(sighting.face, rules.minFaceWidthPx) : unfitness(sighting, rules);
  return { next: current, step: { kind: "prompt", prompt: helped ?? promptFor[wanted] } };
}

// --- internal ---

const promptFor = { front: "look-here", left: "turn-left", right: "turn-right" } as const;

/** A turn of the head is what was asked for: being turned away is no fault then. */
function unfitness({ face }: Sighting, { minFaceWidthPx }: SittingRules) {
  const fit = face && { ...face, reasons: face.reasons.filter((reason) => reason !== "turned-away") };
  return advice(fit, minFaceWidthPx);
}

/**
 * Whoever answers a challenge must be whom the views show: every look straight ahead meanwhile is compared, and the last word is
 * a look straight ahead.
 */
function closing(
  current: Sitting,
  sighting: Sighting,
  { nowMs, challenge }: Pick<SittingCircumstances, "nowMs" | "challenge">,
): SittingStep {
  const look = candidateOf(sighting, "front");
  if (look !== null && !isOneFace(look, current)) return { kind: "failed", reason: "another-face" };
  if (challenge === "lacking") return { kind: "challenge" };
  const { liveAtMs } = current;
  if (liveAtMs === null || nowMs - liveAtMs > proofHoldMs) return { kind: "prompt", prompt: "turn" };
  return challenge === "passed" && look === null ? { kind: "prompt", prompt: "look-here" } : { kind: "complete" };
}

/** Angles that an embedder still compares well with a frontal view, and that differ from it enough to be worth a template. */
const sideDeg = { from: 9, to: 28 } as const;
const frontDeg = 8;
const maxPitchDeg = 15;

function candidateOf({ face, embedding, secondEmbedding, sequence }: Sighting, view: View): Candidate | null {
  if (!face || face.reasons.length > 0 || !embedding) return null;
  const { yawDeg, pitchDeg, rollDeg } = face.pose;
  if (Math.abs(pitchDeg) > maxPitchDeg || !shows(view, yawDeg)) return null;
  const embeddings = (secondEmbedding ? [embedding, secondEmbedding] : [embedding]).map(unpackEmbedding);
  const vector = embeddings.find(({ embedder }) => embedder === "dlib")?.vector;
  if (!vector) return null;
  const { faceWidthPx, sharpness, brightness } = face;
  const quality = { faceWidthPx, sharpness, brightness, yawDeg, pitchDeg, rollDeg };
  return { file: `${view}-${sequence}`, vector, embeddings, quality };
}

function shows(view: View, yawDeg: number): boolean {
  if (view === "front") return Math.abs(yawDeg) <= frontDeg;
  const toTheSide = view === "left" ? yawDeg : -yawDeg;
  return toTheSide >= sideDeg.from && toTheSide <= sideDeg.to;
}

/** The same person as in the views so far, and not the same picture once more. */
function isAnotherViewOf(candidate: Candidate, sitting: Sitting): boolean {
  return distances(candidate, sitting).every(
    (distance) => distance <= samePersonDistance && distance >= samePictureDistance,
  );
}

/** The nearest view decides: a look straight ahead is like the first of them. */
function isOneFace(candidate: Candidate, sitting: Sitting): boolean {
  return distances(candidate, sitting).some((distance) => distance <= samePersonDistance);
}

function distances({ vector }: Candidate, { taken }: Sitting): number[] {
  return taken.map(({ candidate }) => euclidean(vector, candidate.vector));
}
