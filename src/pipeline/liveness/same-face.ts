import type { CueResult } from "../types.ts";
import type { Evidence } from "./evidence.ts";

/** A face seen within this much of frontal is what the door compares with its gallery. */
const maxFrontalYaw = 0.15;
/** A verified frame this far from a verified frontal one belongs to the turn. */
const minTurnedBy = 0.1;

const name = "same-face";

/**
 * Whose depth was that? Somebody may turn his own living head and then hold up a photograph. A grant therefore needs, within the
 * evidence, a frontal frame and a frame in the midst of the turn that were both embedded and found to be the track's one person.
 */
export function sameFaceCue(evidence: Evidence): CueResult {
  const verified = evidence.shapes.filter((shape) => shape.isVerified);
  const frontal = verified.filter(({ yaw }) => Math.abs(yaw) <= maxFrontalYaw);
  const isBound = frontal.some((front) => verified.some(({ yaw }) => Math.abs(yaw - front.yaw) >= minTurnedBy));
  if (isBound) return { name, score: 0.6, verdict: "live", says: "the face that turned is the face that was compared" };
  const says = "the face was not yet compared both frontal and turning";
  return { name, score: 0.5, verdict: "no-verdict", says };
}
