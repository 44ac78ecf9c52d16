import type { Canvas } from "./raster.ts";
import { type HeldSheet, type Point3, type SheetLayer, sheetPoint } from "./sheet.ts";

/**
 * What a camera makes of a lit screen besides its picture: moiré, where the raster of the screen beats with that of the
 * sensor, and dark bands, where its refresh beats with the exposure of the rows. Flat sheets only.
 */
export function screenArtefacts(screen: Screen): SheetLayer {
  return (canvas, held) => {
    const corners = [
      [-0.5, -0.5],
      [0.5, -0.5],
      [0.5, 0.5],
      [-0.5, 0.5],
    ] as const;
    const outline = corners.map((corner) => onScreen(held, sheetPoint(held.look, held.state, corner)));
    const top = Math.max(0, Math.floor(Math.min(...outline.map(([, y]) => y))));
    const bottom = Math.min(canvas.height, Math.ceil(Math.max(...outline.map(([, y]) => y))));
    const left = Math.max(0, Math.floor(Math.min(...outline.map(([x]) => x))));
    const right = Math.min(canvas.width, Math.ceil(Math.max(...outline.map(([x]) => x))));
    const toSheet = inverse(planeOf(held));
    for (let y = top; y < bottom; y++) shadeRow(canvas, { screen, held, toSheet, y, left, right });
  };
}

export interface Screen {
  /** From one pixel of the screen to the next. */
  readonly pitchM: number;
  /** Swing of the moiré and depth of the bands, as shares of the light. */
  readonly moire: number;
  readonly banding: number;
  /** Dark bands in a picture's height, and how many of them pass a second. */
  readonly bands: number;
  readonly bandsPerSecond: number;
  /** Bezels at the sides and ends shine not. */
  readonly bezelM: readonly [number, number];
}

// --- internal ---

type Matrix = readonly [Point3, Point3, Point3];

interface Row {
  readonly screen: Screen;
  readonly held: HeldSheet;
  /** Takes a ray (x, y, 1) to (across, down, 1) in metres of the sheet from its middle, up to a factor. */
  readonly toSheet: Matrix;
  readonly y: number;
  readonly left: number;
  readonly right: number;
}

const steps = 1024;
const wave = Float32Array.from({ length: steps }, (_, n) => Math.cos((2 * Math.PI * n) / steps));

function shadeRow(canvas: Canvas, { screen, held, toSheet, y, left, right }: Row): void {
  const { optics, look, tMs } = held;
  const { rgb } = canvas;
  const [mu, mv, mw] = toSheet;
  const ry = (y + 0.5 - optics.centreY) / optics.focalPx;
  const halfW = look.widthM / 2 - screen.bezelM[0];
  const halfH = look.heightM / 2 - screen.bezelM[1];
  const phase = (screen.bands * (y - optics.centreY)) / optics.height + (screen.bandsPerSecond * tMs) / 1000;
  const band = 1 - screen.banding * (0.5 + 0.5 * Math.cos(2 * Math.PI * phase)) ** 3;
  for (let x = left; x < right; x++) {
    const rx = (x + 0.5 - optics.centreX) / optics.focalPx;
    const w = mw[0] * rx + mw[1] * ry + mw[2];
    const u = (mu[0] * rx + mu[1] * ry + mu[2]) / w;
    const v = (mv[0] * rx + mv[1] * ry + mv[2]) / w;
    if (u < -halfW || u > halfW || v < -halfH || v > halfH) continue;
    // Sampled at the middle of each pixel of the camera, a grid finer than those beats with them by itself.
    const across = wave[((u / screen.pitchM) * steps) & (steps - 1)]!;
    const down = wave[((v / screen.pitchM) * steps) & (steps - 1)]!;
    const light = band * (1 + screen.moire * 0.5 * (across + down));
    const o = (y * canvas.width + x) * 3;
    // The stripes of red, green and blue lie beside each other, so that the beat has colours.
    const tint = screen.moire * 0.3 * across;
    rgb[o] = Math.min(255, rgb[o]! * (light + tint));
    rgb[o + 1] = Math.min(255, rgb[o + 1]! * light);
    rgb[o + 2] = Math.min(255, rgb[o + 2]! * (light - tint));
  }
}

function onScreen({ optics }: HeldSheet, [x, y, z]: Point3): readonly [number, number] {
  return [optics.centreX + (optics.focalPx * x) / z, optics.centreY + (optics.focalPx * y) / z];
}

/** Columns: one metre across the sheet, one down, and its middle. */
function planeOf({ look, state }: HeldSheet): Matrix {
  const middle = sheetPoint(look, state, [0, 0]);
  const across = sheetPoint(look, state, [0.5, 0]);
  const down = sheetPoint(look, state, [0, 0.5]);
  const row = (k: 0 | 1 | 2): Point3 => [
    (across[k] - middle[k]) / (look.widthM / 2),
    (down[k] - middle[k]) / (look.heightM / 2),
    middle[k],
  ];
  return [row(0), row(1), row(2)];
}

/** Up to a factor. */
function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  return [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
}
