/** Three planes of numbers, red, green, blue. */
export interface Planes {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

export interface AdamState {
  readonly pixels: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Mean of the iterates since averaging began. */
  readonly average: Float32Array;
}

export function freshAdam(pixels: Float32Array): AdamState {
  const { length } = pixels;
  return {
    pixels,
    firstMoment: new Float32Array(length),
    secondMoment: new Float32Array(length),
    average: new Float32Array(length),
  };
}

export interface AdamStep {
  /** From 1. */
  readonly step: number;
  /** In grey levels. */
  readonly rate: number;
  /** How many iterates, this one included, are averaged; 0 before averaging begins. */
  readonly averaged: number;
  /** Lowest and highest value of each plane. */
  readonly bounds: readonly (readonly [low: number, high: number])[];
  /** Weight of the total variation: the sum of the squared differences of neighbours, each pair once. */
  readonly totalVariation: number;
}

/** The decay of Adam's moments. The second forgets faster than usual: the gradient of a picture changes its size quickly. */
const decay = { first: 0.9, second: 0.99 } as const;
/** Small beside the root of any gradient that moves something, and not zero. */
const epsilon = 1e-20;

/**
 * One step of Adam (Kingma, Ba 2015) down the gradient and that of the total variation, kept within what a pixel can be, and of the mean
 * of the iterates (Polyak, Juditsky 1992), which rids the picture of the last steps' noise. Returns the weighted total
 * variation before the step.
 *
 * All in one pass: the processor works out the differences of neighbours while it waits for Adam's roots and quotients.
 */
export function adamStep(state: AdamState, { data, width, height }: Planes, options: AdamStep): number {
  const { step, rate, totalVariation } = options;
  const above = new Float32Array(width);
  // The moments began at zero, which is corrected for here.
  const gain = (rate * Math.sqrt(1 - decay.second ** step)) / (1 - decay.first ** step);
  let doubled = 0;
  for (const [plane, [low, high]] of options.bounds.entries()) {
    const first = plane * width * height;
    above.set(state.pixels.subarray(first, first + width));
    for (let y = 0; y < height; y++) {
      const down = y < height - 1 ? width : 0;
      const start = first + y * width;
      doubled += stepRow(state, data, { start, width, down, low, high, gain, twice: 2 * totalVariation, above });
    }
  }
  if (options.averaged > 0) average(state, 1 / options.averaged);
  return doubled / 2;
}

// --- internal ---

interface Row {
  readonly start: number;
  readonly width: number;
  /** From a pixel to the one below; 0 in the last row, for a neighbour that is not there counts as the pixel itself. */
  readonly down: number;
  readonly low: number;
  readonly high: number;
  readonly gain: number;
  readonly twice: number;
  /** The row above as it was before this step; becomes this one. */
  readonly above: Float32Array;
}

/** Returns twice the row's part of the total variation: the sum of the pixels times the gradient of it. */
function stepRow({ pixels, firstMoment, secondMoment }: AdamState, gradient: Float32Array, row: Row): number {
  const { start, width, down, low, high, gain, twice, above } = row;
  const last = width - 1;
  let doubled = 0;
  let left = pixels[start]!;
  let here = left;
  for (let x = 0, i = start; x < width; x++, i++) {
    const right = x < last ? pixels[i + 1]! : here;
    const slope = twice * (4 * here - left - right - above[x]! - pixels[i + down]!);
    doubled += slope * here;
    const g = gradient[i]! + slope;
    const m = decay.first * firstMoment[i]! + (1 - decay.first) * g;
    const v = decay.second * secondMoment[i]! + (1 - decay.second) * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    const moved = here - (gain * m) / (Math.sqrt(v) + epsilon);
    pixels[i] = moved < low ? low : moved > high ? high : moved;
    above[x] = here;
    left = here;
    here = right;
  }
  return doubled;
}

function average({ pixels, average }: AdamState, share: number): void {
  for (let i = 0; i < pixels.length; i++) average[i] = average[i]! + share * (pixels[i]! - average[i]!);
}
