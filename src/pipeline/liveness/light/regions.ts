import { meshPoint } from "../../geometry.ts";
import type { FaceMesh, RgbImage } from "../../types.ts";

/** Mean of red, green and blue in linear light, 0 to 1. */
export type LinearRgb = readonly [number, number, number];

/** What one picture says of the light: parts of the face that look at the display, its sides, and what is behind. */
export interface LightSample {
  readonly atMs: number;
  /** Forehead, nose, cheeks and chin. */
  readonly front: readonly LinearRgb[];
  /** In front of the right ear and of the left one. */
  readonly sides: readonly LinearRgb[];
  /** Clothes below the chin; null where they are out of the picture or too dark. */
  readonly body: LinearRgb | null;
  /** The room beside the head; null where none is in the picture. */
  readonly room: LinearRgb | null;
}

/** Points of the mesh around which colour is taken: as far from eyes, brows, nostrils and lips as a face has room for. */
const frontPoints = [
  [151, 9, 108, 337],
  [4, 5, 195],
  [50, 205, 101],
  [280, 425, 330],
  [199, 175],
] as const;
const sidePoints = [
  [227, 137, 177],
  [447, 366, 401],
] as const;

/** Half a side of the square around each point, in widths of the face. */
const reach = 0.03;
/** Linear light below which a colour is mostly the camera's noise (about 20 of 255). */
const minLinear = 0.006;

/** Takes the colours around a face. `mesh` is in pixels of the picture. */
export function measureLight(image: RgbImage, mesh: FaceMesh, atMs: number): LightSample {
  const right = meshPoint(mesh, sidePoints[0][0]);
  const left = meshPoint(mesh, sidePoints[1][0]);
  const width = Math.hypot(left.x - right.x, left.y - right.y);
  const around = (points: readonly number[]) =>
    meanOf(
      points.flatMap((n) => {
        const { x, y } = meshPoint(mesh, n);
        const mean = meanIn(image, [x - reach * width, y - reach * width, x + reach * width, y + reach * width]);
        return mean === null ? [] : [mean];
      }),
    );
  const middle = { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 };
  const chin = meshPoint(mesh, 152);
  return {
    atMs,
    front: frontPoints.map(around),
    sides: sidePoints.map(around),
    body: lit(
      meanIn(image, [
        chin.x - 0.6 * width,
        chin.y + 0.7 * width,
        chin.x + 0.6 * width,
        Math.min(image.height, chin.y + 1.5 * width),
      ]),
    ),
    room: lit(roomBeside(image, middle, width)),
  };
}

/** sRGB (IEC 61966-2-1) to linear light. */
export const linearOf = Float32Array.from({ length: 256 }, (_, v) =>
  v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
);

// --- internal ---

type Edges = readonly [left: number, top: number, right: number, bottom: number];

/** Beside the head, out to the borders of the picture, from above the face to its middle: clothes are below that. */
function roomBeside(image: RgbImage, middle: { x: number; y: number }, width: number): LinearRgb | null {
  const [top, bottom] = [middle.y - 1.1 * width, middle.y + 0.1 * width];
  const beside = [
    meanIn(image, [0, top, middle.x - 1.4 * width, bottom]),
    meanIn(image, [middle.x + 1.4 * width, top, image.width, bottom]),
  ].filter((mean) => mean !== null);
  return beside.length === 0 ? null : meanOf(beside);
}

function lit(mean: LinearRgb | null): LinearRgb | null {
  return mean !== null && Math.min(...mean) >= minLinear ? mean : null;
}

function meanOf(colours: readonly LinearRgb[]): LinearRgb {
  const at = (c: 0 | 1 | 2) => colours.reduce((sum, colour) => sum + colour[c], 0) / colours.length;
  return [at(0), at(1), at(2)];
}

const maxAlong = 24;

/** Mean over a grid of pixels within the picture; null when too little of the rectangle is in it. */
function meanIn({ rgb, width, height }: RgbImage, edges: Edges): LinearRgb | null {
  const left = Math.max(0, Math.ceil(edges[0]));
  const top = Math.max(0, Math.ceil(edges[1]));
  const right = Math.min(width, Math.floor(edges[2]) + 1);
  const bottom = Math.min(height, Math.floor(edges[3]) + 1);
  if (right - left < 3 || bottom - top < 3) return null;
  const stepX = Math.max(1, Math.floor((right - left) / maxAlong));
  const stepY = Math.max(1, Math.floor((bottom - top) / maxAlong));
  let [count, red, green, blue] = [0, 0, 0, 0];
  for (let y = top; y < bottom; y += stepY) {
    for (let x = left; x < right; x += stepX) {
      const p = (y * width + x) * 3;
      red += linearOf[rgb[p]!]!;
      green += linearOf[rgb[p + 1]!]!;
      blue += linearOf[rgb[p + 2]!]!;
      count++;
    }
  }
  return [red / count, green / count, blue / count];
}
