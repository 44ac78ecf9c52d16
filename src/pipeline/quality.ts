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

/** For frames at the door: a better frame comes 70 ms later, so doubt costs nothing. */
export const doorLimits: QualityLimits = {
  minConfidence: 0.8,
  minFaceWidthPx: 80,
  maxFaceWidth: 0.7,
  maxOutside: 0.02,
  minSharpness: 60,
  minBrightness: 40,
  maxBrightness: 225,
  maxYawDeg: 30,
  maxPitchDeg: 25,
  maxRollDeg: 30,
};

/** For pictures that somebody hands in to be compared: what is merely unusual passes, what would give a meaningless vector does not. */
export const lenientLimits: QualityLimits = {
  minConfidence: 0.5,
  minFaceWidthPx: 24,
  maxFaceWidth: Number.POSITIVE_INFINITY,
  maxOutside: 0.3,
  minSharpness: 4,
  minBrightness: 10,
  maxBrightness: 250,
  maxYawDeg: 65,
  maxPitchDeg: 50,
  maxRollDeg: 60,
};

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
  for (let i = 0; i < grey.length; i++) {
    const luminance = 0.299 * crop.data[i * 3]! + 0.587 * crop.data[i * 3 + 1]! + 0.114 * crop.data[i * 3 + 2]!;
    grey[i] = luminance;
    total += luminance;
  }
  return { brightness: total / grey.length, sharpness: laplacianVariance(grey, cropPixels) };
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
