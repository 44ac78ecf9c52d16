import { type Continuity, type FaceView, noContinuity } from "../pipeline/continuity.ts";
import { type Gestures, noGestures } from "../pipeline/liveness/challenge/gestures.ts";
import type { Performance } from "../pipeline/liveness/challenge/judge.ts";
import { type Evidence, noEvidence } from "../pipeline/liveness/evidence.ts";
import type { LightTrial } from "../pipeline/liveness/light/coloured-light.ts";
import { yawProxy } from "../pipeline/pose.ts";
import type { QualityLimits } from "../pipeline/quality.ts";
import type { Detection, FaceMesh, FaceQuality, Pose } from "../pipeline/types.ts";

/** All that vision remembers of one track. It ends with the track, and with the face. */
export interface FaceCase {
  readonly continuity: Continuity;
  readonly evidence: Evidence;
  readonly gestures: Gestures;
  /** The challenge it is answering; null until there is one. */
  readonly performance: Performance | null;
  /** The colours that the display shows to it; null until there are any. */
  readonly light: LightTrial | null;
  readonly mesh: { readonly atMs: number; readonly mesh: FaceMesh } | null;
  /** The face in the frame in which the detector saw it last; null until its landmarks were found in such a frame. */
  readonly anchor: { readonly detection: Detection; readonly mesh: FaceMesh } | null;
  readonly embeddedAtMs: number;
  /** The control plane knows enough: only presence is reported. */
  readonly isDecided: boolean;
}

export const newFaceCase: FaceCase = {
  continuity: noContinuity,
  evidence: noEvidence,
  gestures: noGestures,
  performance: null,
  light: null,
  mesh: null,
  anchor: null,
  embeddedAtMs: Number.NEGATIVE_INFINITY,
  isDecided: false,
};

/** A face as it was measured in one frame. */
export interface MeasuredFace {
  readonly mesh: FaceMesh;
  readonly pose: Pose;
  readonly quality: FaceQuality;
}

/** Beyond this turn (see `yawProxy`) a vector says little about who it is. */
const maxComparableYaw = 0.35;

/** From here on a picture shows a side of the face rather than its front. */
const sideYaw = 0.2;
const raisedPitchDeg = 12;

/** Which side of the face is seen. */
export function viewOf({ mesh, pose }: Pick<MeasuredFace, "mesh" | "pose">): FaceView {
  if (pose.pitchDeg > raisedPitchDeg) return "raised";
  const yaw = yawProxy(mesh);
  if (Math.abs(yaw) <= sideYaw) return "front";
  return yaw > 0 ? "left" : "right";
}

/** What a frame's vector may be used for. */
export type EmbeddingUse = "decide" | "verify" | "none";

/**
 * Fit faces go up for a decision. A face in the midst of a turn does not, but its vector shows that the head which turns is the one
 * that was recognised.
 */
export function embeddingUse({ mesh, pose, quality }: MeasuredFace, limits: QualityLimits): EmbeddingUse {
  if (!isEvidence(quality)) return "none";
  const isComparable =
    Math.abs(yawProxy(mesh)) <= maxComparableYaw &&
    Math.abs(pose.pitchDeg) <= limits.maxPitchDeg &&
    Math.abs(pose.rollDeg) <= limits.maxRollDeg;
  if (quality.reasons.length === 0) return "decide";
  return isComparable ? "verify" : "none";
}

/** A step of a challenge is shown to this track, or was a moment ago. */
export function isChallenged({ performance }: FaceCase, atMs: number): boolean {
  return performance !== null && atMs <= performance.current.untilMs;
}

/** A face too poor to compare proves nothing about life either: else a blurred head could lend its depth to a sharp print. */
export function isEvidence(quality: FaceQuality): boolean {
  return quality.reasons.every((reason) => reason === "turned-away");
}
