import { AreaMean } from "./area-mean/area-mean.ts";
import { type AreaGrid, shrinkByArea } from "./area-mean/plain.ts";
import { areaWeights } from "./area-mean/weights.ts";
import { type PixelTarget, resample } from "./resample.ts";
import type { RgbImage } from "./types.ts";

/** How a picture was laid into the target: `xPicture = (xTarget + 0.5) * scale + offsetX - 0.5`. */
export interface LetterboxFit {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/** What is kept for pictures of one size. */
interface Kept {
  readonly width: number;
  readonly height: number;
  readonly grid: AreaGrid;
  kernels?: AreaMean;
}

/**
 * Lays whole pictures, upright, into one target, with black bars: enlarging interpolates, shrinking averages the exact area under each
 * target pixel. Frames of one size allocate nothing, and from the second on they are shrunk by WebAssembly (640x480 to 256x256: 0.2
 * instead of 1.4 ms); a photograph that comes alone is not worth making the kernels.
 */
export class Letterbox {
  readonly #target: PixelTarget;
  /** By margin: decision frames look at a picture with one and without. */
  readonly #kept = new Map<number, Kept>();

  constructor(target: PixelTarget) {
    this.#target = target;
  }

  /** `margin` is black border to add on every side, as a fraction of the picture's own width and height. */
  fill(image: RgbImage, margin = 0): LetterboxFit {
    const { width, height } = this.#target;
    const grown = 1 + 2 * margin;
    const scale = Math.max((image.width * grown) / width, (image.height * grown) / height);
    const offsetX = (image.width - width * scale) / 2;
    const offsetY = (image.height - height * scale) / 2;
    if (scale > 1) this.#shrink(image, { scale, offsetX, offsetY }, margin);
    else {
      const half = (scale - 1) / 2;
      resample(image, { a: scale, b: 0, c: offsetX + half, d: 0, e: scale, f: offsetY + half }, this.#target);
    }
    return { scale, offsetX, offsetY };
  }

  #shrink(image: RgbImage, fit: LetterboxFit, margin: number): void {
    const { width, height } = image;
    const kept = this.#kept.get(margin);
    if (kept?.width !== width || kept.height !== height) {
      const grid = this.#gridFor(image, fit);
      this.#kept.set(margin, { width, height, grid });
      shrinkByArea(image, grid, this.#target);
    } else if (width * height > maxKernelPixels || fit.scale > maxKernelScale)
      shrinkByArea(image, kept.grid, this.#target);
    else {
      kept.kernels ??= new AreaMean(image, kept.grid, this.#target);
      kept.kernels.fill(image);
    }
  }

  #gridFor(image: RgbImage, { scale, offsetX, offsetY }: LetterboxFit): AreaGrid {
    const { width, height } = this.#target;
    return {
      columns: areaWeights({ source: image.width, target: width, offset: offsetX, scale }),
      rows: areaWeights({ source: image.height, target: height, offset: offsetY, scale }),
    };
  }
}

/** The kernels keep a copy of the picture: of a camera's, not of a photograph from a telephone. */
const maxKernelPixels = 1920 * 1080;
/** A tap is some instructions in the kernels: so many times smaller a camera's picture never becomes. */
const maxKernelScale = 16;
