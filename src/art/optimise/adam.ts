import { type AdamDesk, openDesk } from "./adam-desk.ts";

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
 * Adam (Kingma, Ba 2015) on the pixels of one size, down a gradient and that of the total variation, kept within what a pixel can be, with
 * the mean of the iterates (Polyak, Juditsky 1992), which rids the picture of the last steps' noise. All but the mean is one pass in
 * WebAssembly, four pixels at a time.
 */
export class Adam {
  /** The arrays that are worked on. */
  readonly state: AdamState;
  readonly #width: number;
  readonly #height: number;
  readonly #desk: AdamDesk;

  /** Goes on from a copy of the state. */
  constructor(state: AdamState, { width, height }: { readonly width: number; readonly height: number }) {
    this.#width = width;
    this.#height = height;
    this.#desk = openDesk({ width, height, planes: state.pixels.length / (width * height) });
    const { pixels, firstMoment, secondMoment } = this.#desk;
    pixels.set(state.pixels);
    firstMoment.set(state.firstMoment);
    secondMoment.set(state.secondMoment);
    this.state = { pixels, firstMoment, secondMoment, average: state.average };
  }

  /** Returns the weighted total variation before the step. */
  step(gradient: Float32Array, { step, rate, averaged, bounds, totalVariation }: AdamStep): number {
    const { constants, sums, above, pixels } = this.#desk;
    const plane = this.#width * this.#height;
    // The moments began at zero, which is corrected for here.
    const gain = (rate * Math.sqrt(1 - decay.second ** step)) / (1 - decay.first ** step);
    const shares = [decay.first, 1 - decay.first, decay.second, 1 - decay.second];
    let squares = 0;
    for (const [index, [low, high]] of bounds.entries()) {
      const start = index * plane;
      constants.set([low, high, 2 * totalVariation, gain, ...shares, epsilon]);
      above.set(pixels.subarray(start, start + this.#width));
      this.#desk.gradient.set(gradient.subarray(start, start + plane));
      for (let y = 0; y < this.#height; y++) {
        sums.fill(0);
        this.#stepRow(start + y * this.#width, y);
        squares += sums[0]! + sums[1]! + sums[2]! + sums[3]!;
      }
    }
    if (averaged > 0) average(this.state, 1 / averaged);
    return totalVariation * squares;
  }

  // --- internal ---

  #stepRow(start: number, y: number): void {
    const { run, above, gradient, pixels } = this.#desk;
    const at = pixels.byteOffset + 4 * start;
    run({
      pixels: at,
      below: y < this.#height - 1 ? at + 4 * this.#width : at,
      above: above.byteOffset,
      gradient: gradient.byteOffset + 4 * y * this.#width,
      fours: Math.ceil(this.#width / 4) - 1,
    });
  }
}

// --- internal ---

function average({ pixels, average }: AdamState, share: number): void {
  for (let i = 0; i < pixels.length; i++) average[i] = average[i]! + share * (pixels[i]! - average[i]!);
}
