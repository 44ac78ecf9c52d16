import { findClosures } from "../../../pipeline/liveness/blink.ts";
import type { Evidence } from "../../../pipeline/liveness/evidence.ts";
import { homographyResidual, rmsDistance } from "../../../pipeline/liveness/homography.ts";
import type { CueResult } from "../../../pipeline/types.ts";
import { type Experiment, median } from "./experiment.ts";

/** As for the flatness of a sheet (parallax), but gentler motion will do and more of it may need depth: the blink says the rest. */
const minMotion = 0.05;
const maxFlatShare = 0.3;
const minPairs = 12;
const minApartMs = 300;
const maxPairs = 24;

const name = "cut-out-eyes";

/**
 * Living eyes in a rigid, flat face: the eyes blink (Soukupová and Čech 2016) while all the motion of the face is that of a plane. The
 * mask with holes of ISO/IEC 30107-3's artefact species.
 */
export const cutOutEyes: Experiment<Evidence> = { name, measure: ({ evidence }) => evidence, judge: judgeEyes };

function judgeEyes(samples: readonly Evidence[]): CueResult {
  const { shapes, eyes } = samples.at(-1) ?? { shapes: [], eyes: [] };
  const blinks = findClosures(eyes).filter(({ isBlink }) => isBlink).length;
  if (blinks === 0) return { name, score: 0.5, verdict: "no-verdict", says: "no blink was seen" };
  const moved = shapes.flatMap((from, i) =>
    shapes
      .slice(i + 1)
      .filter(({ atMs }) => atMs - from.atMs >= minApartMs)
      .map((to) => ({ from, to, motion: rmsDistance(from.points, to.points) }))
      .filter(({ motion }) => motion >= minMotion),
  );
  if (moved.length < minPairs) return { name, score: 0.5, verdict: "no-verdict", says: "the face moved too little" };
  const largest = moved.sort((p, q) => q.motion - p.motion).slice(0, maxPairs);
  const share = median(largest.map(({ from, to, motion }) => homographyResidual(from.points, to.points) / motion));
  const says = `the eyes blinked and ${Math.round(share * 100)} % of the face's motion needs depth`;
  const score = Math.max(0, Math.min(1, share / (2 * maxFlatShare)));
  return { name, score, verdict: share <= maxFlatShare ? "spoof" : "no-verdict", says };
}
