import type { CueResult } from "../types.ts";
import type { Evidence } from "./evidence.ts";
import { type HoldLimits, sidesHeld } from "./held-edges.ts";

const name = "second-rectangle";

/**
 * Chosen on 200 tracks of living people (4 recorded, 196 simulated: none flagged) and 129 tracks of simulated replays (127 flagged, of which
 * the single edges alone flag 88); one of eight tracks of two recorded phones is flagged. Rims are so much rarer than single edges that
 * half the frames and less motion are enough, and a face that moves within its screen may be farther now from one side, now from the other.
 */
const limits: HoldLimits = {
  ...{ minCover: 0.75, minShare: 0.6, minFound: 4 },
  ...{ minTravel: 0.04, maxWander: 0.1, maxWanderShare: 0.8 },
};
const minFrames = 5;
const minSides = 2;

/**
 * One rectangle within another, both around the face and moving with it: the bezel of a screen, the margin of a print. On two sides two edges lie
 * side by side, and the light steps back over the second. Denies; nothing follows from there being none.
 */
export function secondRectangleCue({ edges = [] }: Evidence): CueResult {
  const nothing = { name, score: 0.5, verdict: "no-verdict" } as const;
  if (edges.length < minFrames) return { ...nothing, says: "too few frames to look for a second rectangle" };
  const held = sidesHeld(edges, "rim", limits);
  if (held < minSides) return { ...nothing, says: "no second rectangle moves with the face" };
  const says = `one rectangle within another moves with the face, on ${held} sides, as the rim of a screen or a print`;
  return { name, score: 0.2, verdict: "spoof", says };
}
