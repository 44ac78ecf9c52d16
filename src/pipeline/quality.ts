import { boxOfMesh, extentOfMesh, mapOfSquare, rollOfMesh } from "./geometry.ts";
import { poseOf } from "./pose.ts";
import { type PixelTarget, resample } from "./resample.ts";
import type { Box, FaceMesh, FaceQuality, Pose, QualityReason, RgbImage } from "./types.ts";

/** What a face must be like to be embedded. */
export interface QualityLimits {
  readonly minConfidence: number;
  readonly minFaceWidthPx: number;
  /** Width of the face as a fraction of the picture's width. */
  readonly maxFaceWidth: number;
  /** Part of the face's box that may lie outside the picture. */
  readonly maxOutside: number;
  readonly minSharpness: number;
  readonly minBrightness: number;
  readonly maxBrightness: number;
  readonly maxYawDeg: number;
  readonly maxPitchDeg: number;
  readonly maxRollDeg: number;
}

/**
 * Measured on 46 portraits, faces about 110 px wide, as the distance (dlib) between the picture and its worsened self:
 *
 * | worsened by | sharpness (least, median) | distance (median, most) |
 * |---|---|---|
 * | nothing | 125, 350 | |
 * | Gaussian blur of 1 / 2 / 3 px | 76, 178 / 26, 58 / 11, 25 | 0.07, 0.10 / 0.21, 0.31 / 0.33, 0.44 |
 * | blur of 4 / 5 / 8 px | 3, 13 / 5, 10 / 1, 4 | 0.44, 0.57 / 0.50, 0.64 / 0.60, 0.74 |
 * | shrunk to a width of 40 / 25 / 20 / 15 px | | 0.13, 0.22 / 0.28, 0.45 / 0.37, 0.51 / 0.47, 0.63 |
 * | brightness times 0.3 / 0.2 / 0.1 (means of 30 / 20 / 10) | | 0.17, 0.24 / 0.22, 0.32 / 0.31, 0.51 |
 */
const everyFace = { minConfidence: 0.5, maxFaceWidth: Number.POSITIVE_INFINITY } as const;

/** For frames at the door: a better frame comes 70 ms later, so doubt costs nothing. */
export const doorLimits: QualityLimits = {
  minConfidence: 0.8,
  maxFaceWidth: 0.7,
  minFaceWidthPx: 80,
  maxOutside: 0.02,
  minSharpness: 40,
  minBrightness: 30,
  maxBrightness: 225,
  maxYawDeg: 30,
  maxPitchDeg: 25,
  maxRollDeg: 30,
};

/** For the pictures a person is known by from then on: a bad one would be paid for every morning. */
export const enrolmentLimits: QualityLimits = {
  ...everyFace,
  minFaceWidthPx: 60,
  maxOutside: 0.1,
  minSharpness: 25,
  minBrightness: 30,
  maxBrightness: 225,
  maxYawDeg: 35,
  maxPitchDeg: 30,
  maxRollDeg: 45,
};

/** For pictures handed in to be compared once: refuses where the vector would say little about the person. */
export const comparisonLimits: QualityLimits = {
  ...everyFace,
  minFaceWidthPx: 24,
  maxOutside: 0.3,
  minSharpness: 12,
  minBrightness: 12,
  maxBrightness: 245,
  maxYawDeg: 60,
  maxPitchDeg: 50,
  maxRollDeg: 60,
};

/** For measuring recognition: refuses only what gives a meaningless vector, so that hard pictures count as what they are. */
export const evaluationLimits: QualityLimits = {
  ...comparisonLimits,
  minFaceWidthPx: 14,
  minSharpness: 5,
  minBrightness: 5,
  maxBrightness: 252,
  maxYawDeg: 75,
};

/** Sharpness is given as if every face had this variance of grey levels, so that dim light is not taken for blur. */
const usualVariance = 50 ** 2;
/** A face with less is not given more: its finest edges are the steps between whole grey levels. */
const leastVariance = 8 ** 2;

/** Side of the levelled crop on which sharpness is measured: what is finer than this is of no use to the embedders either. */
const cropPixels = 64;

/** Judges a face in a picture; one small crop is resampled, a few hundredths of a millisecond. */
export function assessQuality(image: RgbImage, mesh: FaceMesh, limits: QualityLimits): FaceQuality {
  const box = boxOfMesh(mesh);
  const light = measureLight(image, mesh);
  const facts = { image, box, pose: poseOf(mesh), confidence: mesh.confidence, ...light };
  return { faceWidthPx: box.width, ...light, reasons: reasonsFor(facts, limits) };
}

interface Facts {
  readonly image: RgbImage;
  readonly box: Box;
  readonly pose: Pose;
  readonly confidence: number;
  readonly sharpness: number;
  readonly brightness: number;
}

function reasonsFor(facts: Facts, limits: QualityLimits): QualityReason[] {
  const { box, pose, image } = facts;
  // Written so that a number that is none fails.
  const tests: readonly (readonly [QualityReason, boolean])[] = [
    ["not-a-face", facts.confidence >= limits.minConfidence],
    ["too-small", box.width >= limits.minFaceWidthPx],
    ["too-close", box.width <= limits.maxFaceWidth * image.width],
    ["cut-off", outsideShare(box, image) <= limits.maxOutside],
    ["blurred", facts.sharpness >= limits.minSharpness],
    ["too-dark", facts.brightness >= limits.minBrightness],
    ["too-bright", facts.brightness <= limits.maxBrightness],
    [
      "turned-away",
      Math.abs(pose.yawDeg) <= limits.maxYawDeg &&
        Math.abs(pose.pitchDeg) <= limits.maxPitchDeg &&
        Math.abs(pose.rollDeg) <= limits.maxRollDeg,
    ],
  ];
  return tests.filter(([, isFine]) => !isFine).map(([reason]) => reason);
}

/** Part of the box's area that lies outside the picture, 0 to 1. */
function outsideShare(box: Box, image: RgbImage): number {
  const width = Math.min(image.width, box.x + box.width) - Math.max(0, box.x);
  const height = Math.min(image.height, box.y + box.height) - Math.max(0, box.y);
  return 1 - (Math.max(0, width) * Math.max(0, height)) / (box.width * box.height);
}

/**
 * Brightness and sharpness of the inner face, levelled and scaled to one size, so that neither the camera's resolution nor
 * hair and wall play a part.
 */
function measureLight(image: RgbImage, mesh: FaceMesh): { sharpness: number; brightness: number } {
  const rollRad = rollOfMesh(mesh);
  const { centre, width } = extentOfMesh(mesh, rollRad);
  const crop = makeCrop();
  resample(image, mapOfSquare({ centre, size: width * 0.85, rollRad }, cropPixels), crop);
  const grey = new Float32Array(cropPixels * cropPixels);
  let total = 0;
  let squares = 0;
  for (let i = 0; i < grey.length; i++) {
    const luminance = 0.299 * crop.data[i * 3]! + 0.587 * crop.data[i * 3 + 1]! + 0.114 * crop.data[i * 3 + 2]!;
    grey[i] = luminance;
    total += luminance;
    squares += luminance * luminance;
  }
  const brightness = total / grey.length;
  const contrast = Math.max(squares / grey.length - brightness ** 2, leastVariance);
  return { brightness, sharpness: (laplacianVariance(grey, cropPixels) * usualVariance) / contrast };
}

function makeCrop(): PixelTarget {
  return {
    data: new Float32Array(cropPixels * cropPixels * 3),
    width: cropPixels,
    height: cropPixels,
    layout: "nhwc",
    scale: [1, 1, 1],
    offset: [0, 0, 0],
  };
}

/** Variance of the Laplacian (Pech-Pacheco et al. 2000): small where there are no fine edges. */
export function laplacianVariance(grey: Float32Array, width: number): number {
  const height = grey.length / width;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const value = grey[i - 1]! + grey[i + 1]! + grey[i - width]! + grey[i + width]! - 4 * grey[i]!;
      sum += value;
      squares += value * value;
    }
  }
  const count = (width - 2) * (height - 2);
  return squares / count - (sum / count) ** 2;
}
