import type { CueResult } from "../../../pipeline/types.ts";
import { rawCrop } from "./crops.ts";
import { denyOnly, type Experiment, type Look, median } from "./experiment.ts";
import { powerSpectrum } from "./spectrum.ts";

const side = 64;
/** Lower frequencies are those of the face itself. */
const minRadius = 8;
/** Frequencies on the axes and at every eighth are those of the camera's compression. */
const axis = 2;
const minFrames = 8;
/** How far the weaker of two crossed peaks stands over the usual power of its ring, as a natural logarithm (median of frames). */
const maxPeak = 3.5;

const name = "print-halftone";

/**
 * Printed tones are dots on a square screen: two equal peaks at a right angle in the spectrum of the unscaled pixels (Ulichney 1987). The
 * screens of print, 85 to 200 lines an inch, are resolved only from about 7 pixels a millimetre on; below that their beat with
 * the sensor is as regular.
 */
export const printHalftone: Experiment<number> = {
  name,
  measure: ({ image, mesh }: Look) => {
    const crop = rawCrop(image, mesh, side);
    return crop ? crossedPeak(powerSpectrum(crop.grey, side)) : null;
  },
  judge: judgeScreen,
};

function judgeScreen(peaks: readonly number[]): CueResult {
  const value = median(peaks);
  const says = `two crossed peaks of the spectrum stand ${Math.exp(value).toFixed(0)} times over their ring`;
  return denyOnly(name, { value, limit: maxPeak, isEnough: peaks.length >= minFrames, says });
}

/** Natural logarithm of the weaker of two peaks at a right angle, over the median of their ring; the highest such pair. */
export function crossedPeak(power: Float64Array): number {
  const rings: number[][] = [];
  const half = side / 2;
  const at = (u: number, v: number) => power[((v + side) % side) * side + ((u + side) % side)]!;
  for (let v = axis + 1; v < half; v++) {
    for (let u = axis + 1; u < half; u++) {
      const radius = Math.round(Math.hypot(u, v));
      if (radius < minRadius || radius >= half || u % 8 === 0 || v % 8 === 0) continue;
      rings[radius] ??= [];
      rings[radius].push(Math.min(at(u, v), at(-v, u)));
    }
  }
  let highest = 0;
  for (const ring of rings) {
    if (!ring || ring.length < 8) continue;
    highest = Math.max(highest, Math.log(Math.max(...ring) / Math.max(median(ring), 1e-9)));
  }
  return highest;
}
