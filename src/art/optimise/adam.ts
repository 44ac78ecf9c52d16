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
}

/** The decay of Adam's moments. The second forgets faster than usual: the gradient of a picture changes its size quickly. */
const decay = { first: 0.9, second: 0.99 } as const;

/**
 * One step of Adam (Kingma, Ba 2015) on all pixels, kept within what a pixel can be, and of the mean of the iterates (Polyak,
 * Juditsky 1992), which rids the picture of the last steps' noise.
 */
export function adamStep(state: AdamState, gradient: Float32Array, options: AdamStep): void {
  const { pixels } = state;
  const plane = pixels.length / options.bounds.length;
  for (const [index, [low, high]] of options.bounds.entries()) {
    const part = { from: index * plane, to: (index + 1) * plane, low, high };
    if (options.averaged > 0) stepAveraged(state, gradient, options, part);
    else stepPlain(state, gradient, options, part);
  }
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** `rate / (1 - b1^t)` and `1 / sqrt(1 - b2^t)`: the correction of moments that began at zero. */
function corrections({ step, rate }: AdamStep): { gain: number; root: number } {
  return { gain: rate / (1 - decay.first ** step), root: 1 / Math.sqrt(1 - decay.second ** step) };
}

/** Small beside any gradient that moves something, and not zero. */
const epsilon = 1e-20;

function stepPlain(state: AdamState, gradient: Float32Array, options: AdamStep, part: Part): void {
  const { pixels, firstMoment, secondMoment } = state;
  const { gain, root } = corrections(options);
  const { to, low, high } = part;
  for (let i = part.from; i < to; i++) {
    const g = gradient[i]!;
    const m = decay.first * firstMoment[i]! + (1 - decay.first) * g;
    const v = decay.second * secondMoment[i]! + (1 - decay.second) * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    const moved = pixels[i]! - (gain * m) / (Math.sqrt(v) * root + epsilon);
    pixels[i] = moved < low ? low : moved > high ? high : moved;
  }
}

function stepAveraged(state: AdamState, gradient: Float32Array, options: AdamStep, part: Part): void {
  const { pixels, average } = state;
  stepPlain(state, gradient, options, part);
  const share = 1 / options.averaged;
  for (let i = part.from; i < part.to; i++) average[i] = average[i]! + share * (pixels[i]! - average[i]!);
}
