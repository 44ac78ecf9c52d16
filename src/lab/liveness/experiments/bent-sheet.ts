import type { ShapeSample } from "../../../pipeline/liveness/evidence.ts";
import type { CueResult } from "../../../pipeline/types.ts";
import { type Experiment, type Look, median } from "./experiment.ts";
import { leastSquares } from "./least-squares.ts";

/** Directions across the cylinder that are tried, in degrees. */
const directions = [0, 45, 90, 135] as const;
/** Powers of the place across the cylinder: its depth and what perspective makes of it. */
const powers = [2, 3, 4] as const;
const minTurn = 0.25;
const minApartMs = 300;
const minPairs = 8;
/** Pairs that are worked out. */
const maxPairs = 8;
/** What no cylinder explains, for each unit of turn. Measured on 39 faces: heads 0.131 to 0.247, prints bent by 0.7 to 2.9 rad 0.119 to 0.39. */
const maxShare = 0.12;

const name = "bent-sheet";

/**
 * Depth that depends on the place along one direction alone is that of a sheet rolled about one axis: an affine map, its perspective,
 * and a polynomial across the axis explain all of its motion (a developable surface; Hartley and Zisserman 2004 for the
 * plane). A nose is not explained.
 */
export const bentSheet: Experiment<ShapeSample> = {
  name,
  measure: ({ evidence, atMs }: Look) => {
    const shape = evidence.shapes.at(-1);
    return shape?.atMs === atMs ? shape : null;
  },
  judge: judgeBend,
};

function judgeBend(shapes: readonly ShapeSample[]): CueResult {
  const pairs = shapes.flatMap((from, i) =>
    shapes
      .slice(i + 1)
      .filter((to) => to.atMs - from.atMs >= minApartMs && Math.abs(to.yaw - from.yaw) >= minTurn)
      .map((to) => ({ from, to, turn: Math.abs(to.yaw - from.yaw) })),
  );
  if (pairs.length < minPairs)
    return { name, score: 0.5, verdict: "no-verdict", says: "the face has not turned enough" };
  const widest = pairs.sort((p, q) => q.turn - p.turn).slice(0, maxPairs);
  const share = median(widest.map(({ from, to, turn }) => cylinderResidual(from.points, to.points) / turn));
  const says = `of the turn ${share.toFixed(3)} is left when a bent sheet has explained what it can`;
  const verdict = share <= maxShare ? "spoof" : "no-verdict";
  return { name, score: Math.max(0, Math.min(1, share / (2 * maxShare))), verdict, says };
}

/** Root mean square distance that is left between `to` and the best rolled sheet's image of `from`. */
export function cylinderResidual(from: Float32Array, to: Float32Array): number {
  return Math.min(...directions.map((degrees) => residualAcross(from, to, (degrees * Math.PI) / 180)));
}

// --- internal ---

function residualAcross(from: Float32Array, to: Float32Array, angle: number): number {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const unknowns = 8 + 2 * powers.length;
  const rows: Float64Array[] = [];
  for (let i = 0; i < from.length; i += 2) {
    const [x, y] = [from[i]!, from[i + 1]!];
    const across = x * cos + y * sin;
    for (let axis = 0; axis < 2; axis++) {
      const row = new Float64Array(unknowns);
      const own = axis === 0 ? x : y;
      row.set([1, x, y], axis * 3);
      row.set([own * x, own * y], 6);
      powers.forEach((power, n) => {
        row[8 + 2 * n + axis] = across ** power;
      });
      rows.push(row);
    }
  }
  return leastSquares(rows, to).residual * Math.SQRT2;
}
