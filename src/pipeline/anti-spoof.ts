import { minifasnetV1se, minifasnetV2 } from "../models/minifasnet.ts";
import type { Network } from "./engine.ts";
import { colourSpread } from "./liveness/colour-spread.ts";
import { type CropRegion, cropRegion, fillCrop } from "./liveness/face-crop.ts";
import { liveProbability, type NetworkLook } from "./liveness/network.ts";
import { NetworkInput, outputOf } from "./network-input.ts";
import type { Box, RgbImage } from "./types.ts";

/**
 * The crop must hold this many times the face's box, or the networks miss the surroundings. Frames of three live men cut down, medians:
 * whole 0.99, 1.00 and 0.85; at 1.7 0.83, 1.00 and 0.56; at 1.5 0.28, 1.00 and 0.27; at 1.3 0.01, 0.99 and 0.19.
 */
const minScale = 1.65;
/** Narrower faces are blown up to fill the crop. Shrunk to 30 pixels, live faces kept a median of 0.78 and more. */
const minBoxPx = 40;
/**
 * Standard deviation of the chromaticity (see `colourSpread`). Measured on frames of four clips: as they are 0.030 to 0.127, with half their
 * colour 0.015 to 0.065, greyscale 0, evenly tinted greyscale up to 0.004, that through a coarse JPEG up to 0.008 (0.013 in one replay).
 */
const minColourSpread = 0.012;

/** Crops are moved, not cut, at the border: the proportions of the face stay. */
const rule = "shift";
/** Raw values, as both networks want them. */
const raw = { scale: [1, 1, 1], offset: [0, 0, 0] } as const;

/** MiniFASNet V2 and V1SE side by side. */
export class AntiSpoof {
  readonly #v2: NetworkInput;
  readonly #v1se: NetworkInput;

  constructor(networks: { v2: Network; v1se: Network }) {
    this.#v2 = new NetworkInput(networks.v2, raw);
    this.#v1se = new NetworkInput(networks.v1se, raw);
  }

  /** `box` is the detector's own, in pixels of the picture. */
  async look(image: RgbImage, box: Box): Promise<NetworkLook> {
    const near = cropRegion(image, box, { scale: minifasnetV2.cropScale, rule });
    const wide = cropRegion(image, box, { scale: minifasnetV1se.cropScale, rule });
    if (!near || !wide || box.width < minBoxPx) return { kind: "unfit", why: "small" };
    if (Math.min(near.scale, wide.scale) < minScale) return { kind: "unfit", why: "tight" };
    const spread = colourSpread(image, wide);
    if (spread === null) return { kind: "unfit", why: "dark" };
    if (spread < minColourSpread) return { kind: "unfit", why: "grey" };
    const v2 = liveProbability(await logitsOf(this.#v2, image, near));
    const v1se = liveProbability(await logitsOf(this.#v1se, image, wide));
    return { kind: "judged", live: (v2 + v1se) / 2 };
  }

  /**
   * Says what is wrong with a network, or nothing. Given values from 0 to 1 instead of 0 to 255, these networks answer the same whatever
   * they see and would call everybody an attack: two unlike pictures must give unlike answers.
   */
  async selfTest(): Promise<string | null> {
    const region: CropRegion = { left: 0, top: 0, right: testSide - 1, bottom: testSide - 1, scale: 1 };
    for (const [name, input] of [
      [minifasnetV2.name, this.#v2],
      [minifasnetV1se.name, this.#v1se],
    ] as const) {
      const [p, q] = [await logitsOf(input, plainPicture, region), await logitsOf(input, pattern, region)];
      if (![...p, ...q].every(Number.isFinite)) return `${name} computes what is no number`;
      const difference = Math.max(...p.map((value, i) => Math.abs(value - q[i]!)));
      if (!(difference >= minDifference))
        return `${name} answers the same (within ${difference.toFixed(3)}) whatever it sees`;
    }
    return null;
  }
}

// --- internal ---

/** A copy: the engine may use its memory again. */
async function logitsOf(input: NetworkInput, image: RgbImage, region: CropRegion): Promise<Float32Array> {
  const outputs = await input.run((target) => fillCrop(image, region, target));
  return Float32Array.from(outputOf(outputs, "output", minifasnetV2.outputs.output));
}

/** Logits of the two test pictures differ by at least this. */
const minDifference = 0.5;
const testSide = 80;

const plainPicture = testPicture(() => 128);
/** Stripes of one colour across stripes of another. */
const pattern = testPicture(
  (x, y, c) => ((x >> 3) % 2 === 0 ? [220, 60, 40] : [30, 90, (y >> 2) % 2 === 0 ? 200 : 90])[c] ?? 0,
);

function testPicture(value: (x: number, y: number, channel: number) => number): RgbImage {
  const rgb = Uint8Array.from({ length: testSide * testSide * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return value(at % testSide, Math.floor(at / testSide), i % 3);
  });
  return { rgb, width: testSide, height: testSide };
}
