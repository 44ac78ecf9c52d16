import { extentOfMesh, mapOfSquare, rollOfMesh } from "../../../pipeline/geometry.ts";
import { resample } from "../../../pipeline/resample.ts";
import type { FaceMesh, RgbImage } from "../../../pipeline/types.ts";

/** A square of grey levels, row by row. */
export interface GreySquare {
  readonly grey: Float32Array;
  readonly side: number;
  /** Pixels of the picture for each of its own. */
  readonly scale: number;
}

/** The surroundings of a face, levelled by the eyes: `reach` face widths wide, brought to `side` pixels. */
export function levelledCrop(image: RgbImage, mesh: FaceMesh, { reach, side }: { reach: number; side: number }) {
  const rollRad = rollOfMesh(mesh);
  const { centre, width } = extentOfMesh(mesh, rollRad);
  return greyOf(image, { centre, size: reach * width, rollRad }, side);
}

/** Pixels of the picture as they are, around the middle of the face: not turned, not scaled. */
export function rawCrop(image: RgbImage, mesh: FaceMesh, side: number): GreySquare | null {
  const { centre } = extentOfMesh(mesh, 0);
  const [left, top] = [Math.round(centre.x) - side / 2, Math.round(centre.y) - side / 2];
  if (left < 0 || top < 0 || left + side > image.width || top + side > image.height) return null;
  const grey = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const p = ((top + y) * image.width + left + x) * 3;
      grey[y * side + x] = luminance(image.rgb[p]!, image.rgb[p + 1]!, image.rgb[p + 2]!);
    }
  }
  return { grey, side, scale: 1 };
}

// --- internal ---

function greyOf(image: RgbImage, square: Parameters<typeof mapOfSquare>[0], side: number): GreySquare {
  const data = new Float32Array(side * side * 3);
  resample(image, mapOfSquare(square, side), {
    ...{ data, width: side, height: side, layout: "nhwc", border: "edge" },
    scale: [1, 1, 1],
    offset: [0, 0, 0],
  });
  const grey = new Float32Array(side * side);
  for (let i = 0; i < grey.length; i++) grey[i] = luminance(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!);
  return { grey, side, scale: square.size / side };
}

function luminance(r: number, g: number, b: number): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}
