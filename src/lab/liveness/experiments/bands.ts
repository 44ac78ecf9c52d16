import type { CueResult } from "../../../pipeline/types.ts";
import { levelledCrop } from "./crops.ts";
import { denyOnly, type Experiment, type Look } from "./experiment.ts";

const side = 32;
const minFrames = 12;
/** Swing of the light between forehead and chin, as a share of it. */
const maxSwing = 0.045;

export interface BandSample {
  readonly atMs: number;
  /** Natural logarithm of the light of the upper part of the face over that of the lower. */
  readonly tilt: number;
}

const name = "screen-bands";

/**
 * A screen's refresh beats with the exposure of the camera's rows: dark bands run over the picture, and the light of forehead and chin
 * swings against each other. Second differences in time, so that a slow turn of the head does not count.
 */
export const screenBands: Experiment<BandSample> = {
  name,
  measure: ({ image, mesh, atMs }: Look) => {
    const { grey } = levelledCrop(image, mesh, { reach: 0.8, side });
    const part = (from: number, to: number) => {
      let sum = 1;
      for (let i = from * side; i < to * side; i++) sum += grey[i]!;
      return sum;
    };
    return { atMs, tilt: Math.log(part(0, side / 3) / part(side - Math.floor(side / 3), side)) };
  },
  judge: judgeBands,
};

function judgeBands(samples: readonly BandSample[]): CueResult {
  const tilts = samples.map(({ tilt }) => tilt);
  const bends = tilts.slice(2).map((tilt, i) => Math.abs(tilt - 2 * tilts[i + 1]! + tilts[i]!) / 2);
  const value = bends.sort((p, q) => p - q)[bends.length >> 1] ?? 0;
  const says = `the light of forehead and chin swings by ${(value * 100).toFixed(1)} %`;
  return denyOnly(name, { value, limit: maxSwing, isEnough: samples.length >= minFrames, says });
}
