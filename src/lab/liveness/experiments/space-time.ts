import type { CueResult } from "../../../pipeline/types.ts";
import { levelledCrop } from "./crops.ts";
import { type Experiment, type Look, median } from "./experiment.ts";
import { leastSquares } from "./least-squares.ts";

const side = 24;
const minPairs = 12;
/** Successive frames that differ by less than this (grey levels) have not moved. */
const minChange = 1.5;
/** Part of the change that neither affine motion nor light explains, below which it is a moved still. */
const maxStillShare = 0.28;

export interface SpaceTimeSample {
  readonly atMs: number;
  readonly grey: Float32Array;
}

const name = "space-time";

/**
 * Skin in motion against a moved still: a small bank of three-dimensional filters (derivatives in x, y and time of a smoothed volume,
 * Adelson and Bergen 1985) over the levelled face. What an affine motion of a flat picture and a change of light leave of the
 * change in time is motion of the face's own.
 */
export const spaceTime: Experiment<SpaceTimeSample> = {
  name,
  measure: ({ image, mesh, atMs }: Look) => ({
    atMs,
    grey: smoothed(levelledCrop(image, mesh, { reach: 0.95, side }).grey),
  }),
  judge: judgeVolume,
};

function judgeVolume(samples: readonly SpaceTimeSample[]): CueResult {
  const shares = samples.slice(-24).flatMap((sample, i, recent) => {
    const before = recent[i - 1];
    return before ? (ownMotion(before.grey, sample.grey) ?? []) : [];
  });
  if (shares.length < minPairs) return { name, score: 0.5, verdict: "no-verdict", says: "too little motion to tell" };
  const share = median(shares);
  const says = `${Math.round(share * 100)} % of the change is neither motion of a still nor light`;
  const score = Math.max(0, Math.min(1, share / (2 * maxStillShare)));
  return { name, score, verdict: share <= maxStillShare ? "spoof" : "no-verdict", says };
}

/** Part of the change from one frame to the next that is left; null without change. */
export function ownMotion(before: Float32Array, after: Float32Array): number | null {
  const rows: Float64Array[] = [];
  const changes: number[] = [];
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const i = y * side + x;
      const mean = (k: number) => (before[k]! + after[k]!) / 2;
      const dx = (mean(i + 1) - mean(i - 1)) / 2;
      const dy = (mean(i + side) - mean(i - side)) / 2;
      const [u, v] = [x / side - 0.5, y / side - 0.5];
      rows.push(Float64Array.of(dx, dy, u * dx, v * dx, u * dy, v * dy, 1, mean(i) / 128));
      changes.push(after[i]! - before[i]!);
    }
  }
  const change = Math.sqrt(changes.reduce((sum, value) => sum + value * value, 0) / changes.length);
  if (change < minChange) return null;
  return leastSquares(rows, changes).residual / change;
}

// --- internal ---

/** A 3 x 3 binomial filter. */
function smoothed(grey: Float32Array): Float32Array {
  const kernel = [1, 2, 1];
  return grey.map((own, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    if (x === 0 || y === 0 || x === side - 1 || y === side - 1) return own;
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) sum += kernel[dx + 1]! * kernel[dy + 1]! * grey[i + dy * side + dx]!;
    }
    return sum / 16;
  });
}
