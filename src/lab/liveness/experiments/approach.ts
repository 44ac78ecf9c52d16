import type { ShapeSample } from "../../../pipeline/liveness/evidence.ts";
import { homographyResidual } from "../../../pipeline/liveness/homography.ts";
import type { CueResult } from "../../../pipeline/types.ts";
import { type Experiment, type Look, median } from "./experiment.ts";

/** The face must have come nearer by this factor … */
const minGrowth = 1.3;
/** … without a turn, which shows depth by itself. */
const maxTurn = 0.06;
const minPairs = 8;
/** Pairs that are worked out: those of the largest growth. */
const maxPairs = 24;
/** What no plane explains of an approach, in eye distances. */
const maxResidual = 0.006;

const name = "approach";

/**
 * Whoever comes closer is seen in stronger perspective: the nose grows more than the ears, on a sheet both grow alike. The landmarks of
 * pairs of frames of different size are brought over each other by the best homography.
 */
export const approach: Experiment<ShapeSample> = {
  name,
  measure: ({ evidence, atMs }: Look) => {
    const shape = evidence.shapes.at(-1);
    return shape?.atMs === atMs ? shape : null;
  },
  judge: judgeApproach,
};

function judgeApproach(shapes: readonly ShapeSample[]): CueResult {
  const residuals = approachResiduals(shapes);
  if (residuals.length < minPairs) {
    return { name, score: 0.5, verdict: "no-verdict", says: "the face has not come nearer" };
  }
  const value = median(residuals);
  const says = `as the face came nearer, ${value.toFixed(3)} of the eye distance was left that no sheet explains`;
  const score = Math.max(0, Math.min(1, value / (2 * maxResidual)));
  return { name, score, verdict: value <= maxResidual ? "spoof" : "no-verdict", says };
}

/** What no plane explains between frames of a face that came nearer, in eye distances; empty where it did not. */
export function approachResiduals(shapes: readonly ShapeSample[]): number[] {
  const pairs = shapes.flatMap((from, i) =>
    shapes
      .slice(i + 1)
      .filter((to) => Math.abs(to.yaw - from.yaw) <= maxTurn)
      .map((to) => ({ from, to, growth: growthOf(from, to) }))
      .filter(({ growth }) => growth >= minGrowth),
  );
  const largest = pairs.sort((p, q) => q.growth - p.growth).slice(0, maxPairs);
  return largest.map(({ from, to }) => homographyResidual(from.points, to.points));
}

// --- internal ---

function growthOf(from: ShapeSample, to: ShapeSample): number {
  return to.eyeDistancePx / from.eyeDistancePx;
}
