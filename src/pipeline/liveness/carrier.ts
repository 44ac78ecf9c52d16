import type { CueResult } from "../types.ts";
import type { Evidence } from "./evidence.ts";
import { type HoldLimits, sidesHeld } from "./held-edges.ts";

const name = "carrier";

/**
 * Chosen on 63 tracks of living people (4 recorded, 59 simulated: none flagged) and 48 simulated attacks (29 of 31 tracks of stills and 12 of 12
 * of replays flagged; no mask); one of seven tracks of two recorded phones is flagged. That was before rooms full of edges were ruled out (`held-edges.ts`).
 */
const limits: HoldLimits = {
  ...{ minCover: 0.8, minShare: 0.6, minFound: 6 },
  ...{ minTravel: 0.06, maxWander: 0.07, maxWanderShare: 0.4 },
};
const minFrames = 10;
const minSides = 2;

/**
 * Straight edges around the face that move with it are those of a sheet, a phone or a tablet: hair and shoulders are not straight over
 * such a length. Denies; nothing follows from there being none.
 */
export function carrierCue({ edges = [] }: Evidence): CueResult {
  const nothing = { name, score: 0.5, verdict: "no-verdict" } as const;
  if (edges.length < minFrames) return { ...nothing, says: "too few frames to look for the edges of a sheet" };
  const held = sidesHeld(edges, "line", limits);
  if (held < minSides) return { ...nothing, says: "no edges of a sheet or screen move with the face" };
  const says = `${held} straight edges around the face move with it, as those of a sheet or a screen`;
  return { name, score: 0.2, verdict: "spoof", says };
}
