import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dlibChip } from "../../../pipeline/align.ts";
import type { FaceDetector } from "../../../pipeline/detect.ts";
import { type LandmarkFinder, regionOfDetection, regionOfMesh } from "../../../pipeline/landmarks.ts";
import { type PixelTarget, resample } from "../../../pipeline/resample.ts";
import type { RgbImage } from "../../../pipeline/types.ts";
import { decodePhoto } from "../../../vision/decode-photo.ts";
import { listPhotographs } from "../photographs.ts";
import type { Samples } from "../samples.ts";

export interface FaceFinder {
  readonly detector: FaceDetector;
  readonly landmarks: LandmarkFinder;
}

export interface Chips {
  readonly samples: Samples;
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
}

export interface ChipOptions {
  readonly side: number;
  onProgress?(done: number, total: number): void;
  readonly signal?: AbortSignal | undefined;
}

/** The chips of a folder of people as samples; null when the signal came before all were done. */
export async function readChips(
  finder: FaceFinder,
  root: string,
  { side, onProgress, signal }: ChipOptions,
): Promise<Chips | null> {
  const photographs = await listPhotographs(root);
  const chips: { person: number; chip: Float32Array }[] = [];
  const failed: { file: string; reason: string }[] = [];
  for (const [done, { person, file }] of photographs.entries()) {
    if (signal?.aborted) return null;
    onProgress?.(done, photographs.length);
    const chip = await readChip(finder, { root, file, side });
    if (chip instanceof Float32Array) chips.push({ person, chip });
    else failed.push({ file, reason: chip.reason });
  }
  onProgress?.(photographs.length, photographs.length);
  const dimension = side * side;
  const rows = new Float32Array(chips.length * dimension);
  chips.forEach(({ chip }, i) => {
    rows.set(chip, i * dimension);
  });
  return { samples: { rows, dimension, labels: chips.map(({ person }) => person) }, failed };
}

/** A face as a small grey picture, aligned by eyes and nose, mean 0 and variance 1; or why there is none. */
async function readChip(
  finder: FaceFinder,
  { root, file, side }: { root: string; file: string; side: number },
): Promise<Float32Array | { readonly reason: string }> {
  const decoded = await decodePhoto(await readFile(join(root, file)));
  if ("problem" in decoded) return { reason: decoded.problem };
  return (await chipOf(finder, decoded.image, side)) ?? { reason: "no-face" };
}

async function chipOf(finder: FaceFinder, image: RgbImage, side: number): Promise<Float32Array | undefined> {
  const [detection] = await finder.detector.detectWithCure(image, { minScore: 0.25 });
  if (!detection) return undefined;
  const first = await finder.landmarks.find(image, regionOfDetection(detection));
  const mesh = await finder.landmarks.find(image, regionOfMesh(first));
  const target: PixelTarget = {
    data: new Float32Array(side * side * 3),
    width: side,
    height: side,
    layout: "nhwc",
    scale: [1, 1, 1],
    offset: [0, 0, 0],
    border: "edge",
  };
  resample(image, dlibChip(mesh, side), target);
  return standardised(greyOf(target.data), 1);
}

function greyOf(rgb: Float32Array): Float32Array {
  return Float32Array.from({ length: rgb.length / 3 }, (_, i) => {
    return 0.299 * rgb[i * 3]! + 0.587 * rgb[i * 3 + 1]! + 0.114 * rgb[i * 3 + 2]!;
  });
}

/** The same with mean 0 and variance 1. A variance near `noise` is not blown up to that. */
export function standardised(grey: Float32Array, noise: number): Float32Array {
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const variance = grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length;
  const scale = 1 / Math.sqrt(variance + noise);
  return grey.map((value) => (value - mean) * scale);
}
