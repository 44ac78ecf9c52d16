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
  /** Every view is there, and the person is alive. */
  | { readonly kind: "complete" }
  | { readonly kind: "failed"; readonly reason: "not-live" };

export interface SittingRules {
  readonly minFaceWidthPx: number;
  readonly requiresLiveness: boolean;
}

/** Proof of life counts for pictures around it, not for those of another minute. */
const proofHoldMs = 10_000;

export function newSitting(trackId: number): Sitting {
  return { trackId, taken: [], liveAtMs: null };
}

/**
 * Looks at one sighting of the sitting's track. Nothing is taken from a frame that is stale, unfit, or so unlike the views
 * before it that it might be somebody else; a spoof ends the sitting for good.
 */
export function sit(
  before: Sitting,
  sighting: Sighting,
  { rules, nowMs }: { readonly rules: SittingRules; readonly nowMs: number },
): { readonly next: Sitting; readonly step: SittingStep } {
  const still = { next: before, step: { kind: "nothing" } } as const;
  if (freshness(sighting.capturedAtMs, nowMs, maxFrameAgeMs) !== "fresh") return still;
  if (sighting.liveness.verdict === "spoof") return { next: before, step: { kind: "failed", reason: "not-live" } };
  const isLive = sighting.liveness.verdict === "live" || !rules.requiresLiveness;
  const current = isLive ? { ...before, liveAtMs: sighting.capturedAtMs } : before;
  const wanted = views[current.taken.length];
  if (wanted === undefined) return { next: current, step: closing(current, nowMs) };
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

function closing({ liveAtMs }: Sitting, nowMs: number): SittingStep {
  const isProved = liveAtMs !== null && nowMs - liveAtMs <= proofHoldMs;
  return isProved ? { kind: "complete" } : { kind: "prompt", prompt: "turn" };
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
function isAnotherViewOf({ vector }: Candidate, { taken }: Sitting): boolean {
  return taken.every(({ candidate }) => {
    const distance = euclidean(vector, candidate.vector);
    return distance <= samePersonDistance && distance >= samePictureDistance;
  });
}
