import { type LightColour, lightColours } from "./colours.ts";
import type { LightSample, LinearRgb } from "./regions.ts";

/** Pictures taken while the display stood in one colour. */
export interface ShownColour {
  readonly colour: LightColour;
  readonly samples: readonly LightSample[];
}

/** How a part of the picture answered the colours. */
export interface Answer {
  /** Growth of the lit channel against the others, beyond that of the room; logarithms, so about a part of one. */
  readonly strength: number;
  /** Correlation of what changed with what was shown: 1 in the right order, about 0 in none, negative in a contrary one. */
  readonly order: number;
  /** How much changed at all: root mean square. */
  readonly spread: number;
}

/**
 * Compares the chromaticity of a region, relative to that of the room, between the colours. Both are divided by their own means over the
 * sequence, so that neither skin nor paint plays a part; what all channels have in common (shade, a nod) is left out.
 */
export function answerTo(shown: readonly ShownColour[], regionOf: (sample: LightSample) => LinearRgb): Answer {
  const seen = centred(shown.map(({ samples }) => relative(samples, regionOf)));
  const asked = centred(shown.map(({ colour }) => lightColours.map((one) => (one === colour ? 1 : 0))));
  const along = sum(seen.map((value, n) => value * asked[n]!));
  const seenPower = sum(seen.map((value) => value * value));
  const askedPower = sum(asked.map((value) => value * value));
  return {
    strength: along / askedPower,
    order: seenPower > 0 ? along / Math.sqrt(seenPower * askedPower) : 0,
    spread: Math.sqrt(seenPower / askedPower),
  };
}

// --- internal ---

/** Logarithms of the region's mean against the room's, for each channel. */
function relative(samples: readonly LightSample[], regionOf: (sample: LightSample) => LinearRgb): number[] {
  const meanLog = (of: (sample: LightSample) => number) =>
    sum(samples.map((sample) => Math.log(Math.max(1e-4, of(sample))))) / samples.length;
  return [0, 1, 2].map((c) => meanLog((sample) => regionOf(sample)[c]!) - meanLog((sample) => sample.room?.[c] ?? 1));
}

/** Without what a row (a colour) has in common over the channels, and a channel over the rows. One row after the other. */
function centred(rows: readonly (readonly number[])[]): number[] {
  const flat = rows.map((row) => row.map((value) => value - sum(row) / row.length));
  const means = [0, 1, 2].map((c) => sum(flat.map((row) => row[c]!)) / flat.length);
  return flat.flatMap((row) => row.map((value, c) => value - means[c]!));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
