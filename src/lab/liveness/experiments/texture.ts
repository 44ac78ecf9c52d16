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

/** How far the highest peak stands over the usual power of its ring, as a natural logarithm (median of frames). */
const maxPeak = 5.5;

const name = "screen-texture";

/**
 * Moiré and halftone are regular, skin is not: a peak in the spectrum of the unscaled pixels (Garcia and de Queiroz 2015, moiré patterns).
 */
export const screenTexture: Experiment<number> = {
  name,
  measure: ({ image, mesh }: Look) => {
    const crop = rawCrop(image, mesh, side);
    return crop ? highestPeak(powerSpectrum(crop.grey, side)) : null;
  },
  judge: judgePeaks,
};

function judgePeaks(peaks: readonly number[]): CueResult {
  const value = median(peaks);
  const says = `the spectrum's highest peak stands ${Math.exp(value).toFixed(0)} times over its ring`;
  return denyOnly(name, { value, limit: maxPeak, isEnough: peaks.length >= minFrames, says });
}

/** Natural logarithm of the highest power over the median of the frequencies equally far from zero. */
export function highestPeak(power: Float64Array): number {
  const rings: number[][] = [];
  const half = side / 2;
  for (let v = 0; v <= half; v++) {
    for (let u = -half + 1; u < half; u++) {
      const radius = Math.round(Math.hypot(u, v));
      if (radius < minRadius || radius >= half || Math.abs(u) <= axis || v <= axis) continue;
      if (Math.abs(u) % 8 === 0 || v % 8 === 0) continue;
      rings[radius] ??= [];
      rings[radius].push(power[v * side + ((u + side) % side)]!);
    }
  }
  let highest = 0;
  for (const ring of rings) {
    if (!ring || ring.length < 8) continue;
    highest = Math.max(highest, Math.log(Math.max(...ring) / Math.max(median(ring), 1e-9)));
  }
  return highest;
}
