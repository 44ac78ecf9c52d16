import type { RgbImage } from "./types.ts";

/** What the gate saw in one frame. */
export interface MotionReading {
  readonly isMoving: boolean;
  /** Part of the picture's blocks that differ from the background, 0 to 1. */
  readonly changed: number;
}

/** Samples across and down; a block is the mean over `cellsPerBlock` squared of them. */
const cellsAcross = 80;
const cellsDown = 60;
const cellsPerBlock = 5;
const blocksAcross = cellsAcross / cellsPerBlock;
const blocksDown = cellsDown / cellsPerBlock;
const blockCount = blocksAcross * blocksDown;

/** A block moved when it differs by this many grey levels, or by so many times its own usual flicker, whichever is more. */
const minDifference = 5;
const noiseFactor = 5;
/** One block alone is a reflection or a lamp; a person covers several. */
const minBlocks = 2;
/** How fast the background follows: still blocks within seconds, moved ones within half a minute (a chair that was moved stays moved). */
const followStill = 0.05;
const followMoved = 0.005;

/**
 * Tells an empty scene from one where something happens, for a fraction of a millisecond a frame: block means of a coarse luma
 * grid against a slow background (running average after Piccardi 2004). The median of the blocks' ratios is taken as the light's
 * own change and divided out, so that a cloud or the camera's gain does not wake the detector. A gate only saves work:
 * whoever uses it must look at the scene now and then all the same.
 */
export class MotionGate {
  readonly #now = new Float32Array(blockCount);
  readonly #ratios = new Float32Array(blockCount);
  readonly #background = new Float32Array(blockCount);
  readonly #flicker = new Float32Array(blockCount);
  #isFirst = true;

  look(image: RgbImage): MotionReading {
    blockMeans(image, this.#now);
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#background.set(this.#now);
      return { isMoving: true, changed: 1 };
    }
    const gain = this.#lightChange();
    let moved = 0;
    for (let i = 0; i < blockCount; i++) {
      if (this.#follow(i, gain)) moved++;
    }
    return { isMoving: moved >= minBlocks, changed: moved / blockCount };
  }

  /** Forgets the background: the camera was away and may look elsewhere. */
  reset(): void {
    this.#isFirst = true;
    this.#flicker.fill(0);
  }

  #lightChange(): number {
    for (let i = 0; i < blockCount; i++) this.#ratios[i] = (this.#now[i]! + 8) / (this.#background[i]! + 8);
    this.#ratios.sort();
    return Math.min(2, Math.max(0.5, this.#ratios[blockCount >> 1]!));
  }

  #follow(i: number, gain: number): boolean {
    const value = this.#now[i]!;
    const difference = value - ((this.#background[i]! + 8) * gain - 8);
    const size = Math.abs(difference);
    const isMoved = size > Math.max(minDifference, noiseFactor * this.#flicker[i]!);
    if (!isMoved) this.#flicker[i] = this.#flicker[i]! + 0.05 * (size - this.#flicker[i]!);
    const rate = isMoved ? followMoved : followStill;
    this.#background[i] = this.#background[i]! + rate * (value - this.#background[i]!);
    return isMoved;
  }
}

/** Mean luma (0 to 255) of each of 16 by 12 blocks, row by row, from four pixels of every cell of the grid. */
export function blockMeans({ rgb, width, height }: RgbImage, into = new Float32Array(blockCount)): Float32Array {
  into.fill(0);
  for (let row = 0; row < cellsDown * 2; row++) {
    const y = Math.min(height - 1, Math.floor(((row + 0.5) * height) / (cellsDown * 2)));
    const block = Math.floor(row / 2 / cellsPerBlock) * blocksAcross;
    for (let column = 0; column < cellsAcross * 2; column++) {
      const x = Math.min(width - 1, Math.floor(((column + 0.5) * width) / (cellsAcross * 2)));
      const at = (y * width + x) * 3;
      const luma = 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
      const index = block + Math.floor(column / 2 / cellsPerBlock);
      into[index] = into[index]! + luma;
    }
  }
  const samples = (cellsPerBlock * 2) ** 2;
  for (let i = 0; i < blockCount; i++) into[i] = into[i]! / samples;
  return into;
}
