import { withGesture } from "../pipeline/liveness/challenge/gestures.ts";
import { judgeStep } from "../pipeline/liveness/challenge/judge.ts";
import { areEdgesDue, measureEdges } from "../pipeline/liveness/edges.ts";
import { type Evidence, withEdges, withMesh, withQuality } from "../pipeline/liveness/evidence.ts";
import type { FittedModel } from "../pipeline/liveness/fitted.ts";
import { judgeLiveness } from "../pipeline/liveness/fuse.ts";
import {
  alsoByLight,
  isLightDue,
  type LightTrial,
  withLightSample,
} from "../pipeline/liveness/light/coloured-light.ts";
import { measureLight } from "../pipeline/liveness/light/regions.ts";
import { type NetworkLook, withNetworkLook } from "../pipeline/liveness/network.ts";
import type { Frame, Liveness } from "../pipeline/types.ts";
import { type FaceCase, isEvidence, type MeasuredFace } from "./face-case.ts";
import type { Sighting } from "./protocol.ts";

/** What one frame showed of one face. */
export interface Findings {
  readonly frame: Frame;
  readonly face: MeasuredFace;
  /** What the anti-spoofing networks said; null where they were not asked. */
  readonly look: NetworkLook | null;
  /** The vector of this very frame says that it is still the same person. */
  readonly isVerified: boolean;
}

/** The case with what a frame showed added to its evidence, its gestures and its answer to coloured light. */
export function noteFace(known: FaceCase, found: Findings): FaceCase {
  const evidence = withFindings(known.evidence, found);
  const { face, isVerified, frame } = found;
  const gestures = withGesture(known.gestures, { evidence, mesh: face.mesh, atMs: frame.capturedAtMs, isVerified });
  return { ...known, evidence, gestures, light: lit(known.light, found) };
}

/** What is to be said now of a case: whether it is alive, and how it stands with the challenge it was set. */
export function judgeFace(
  { evidence, gestures, light, performance }: FaceCase,
  atMs: number,
  fitted: FittedModel | undefined,
): { readonly liveness: Liveness } & Pick<Sighting, "challenge"> {
  const liveness = alsoByLight(judgeLiveness(evidence, fitted), light, atMs);
  if (!performance) return { liveness };
  const { id, step } = performance.current;
  return { liveness, challenge: { id, step, ...judgeStep(performance, gestures) } };
}

function withFindings(evidence: Evidence, { frame, face, look, isVerified }: Findings): Evidence {
  const { capturedAtMs: atMs } = frame;
  let next = withQuality(evidence, { ...face.quality, atMs });
  if (isEvidence(face.quality)) {
    next = withMesh(next, { mesh: face.mesh, atMs, isVerified });
    if (areEdgesDue(next.edges, atMs)) next = withEdges(next, measureEdges(frame, face.mesh, atMs));
  }
  return look ? withNetworkLook(next, { atMs, look }) : next;
}

function lit(light: LightTrial | null, { frame, face }: Findings): LightTrial | null {
  const { capturedAtMs: atMs } = frame;
  if (!light || !isEvidence(face.quality) || !isLightDue(light, atMs)) return light;
  return withLightSample(light, measureLight(frame, face.mesh, atMs));
}
