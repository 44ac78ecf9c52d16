import { ease, randomFor } from "./chance.ts";
import { faceWidthM, type Optics } from "./optics.ts";
import { type Canvas, drawPatch, makeTexture, type Patch, type Texture } from "./raster.ts";
import { valueNoise } from "./room.ts";

/** Shoulders and trunk in a plain pullover; the photographs seldom show them whole. Lengths in face widths. */

const texelsPerFace = 96;
const halfWidth = 1.75;
const drop = 4;
const neckHalfWidth = 0.44;

const wool: readonly (readonly [number, number, number])[] = [
  [52, 62, 84],
  [92, 94, 98],
  [104, 48, 56],
  [74, 84, 62],
  [48, 50, 54],
  [128, 106, 82],
  [60, 88, 92],
];

export function makeTorso(seed: number): Texture {
  const random = randomFor(seed, "torso");
  const colour = wool[Math.floor(random() * wool.length)] ?? [90, 90, 90];
  const folds = valueNoise(seed, "folds", 34);
  const knit = valueNoise(seed, "knit", 1.6);
  const [width, height] = [Math.round(2 * halfWidth * texelsPerFace), Math.round(drop * texelsPerFace)];
  const pixels = new Uint32Array(width * height);
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const [x, y] = [(px + 0.5) / texelsPerFace - halfWidth, (py + 0.5) / texelsPerFace];
      const shade = clothLight(x, y) * (1 + 0.07 * folds(px * 1.4, py * 0.6) + 0.05 * knit(px, py));
      const opacity = Math.round(255 * ease(0.5 + clothDepth(x, y) * texelsPerFace * 0.35));
      const [r, g, b] = colour.map((c) => Math.max(0, Math.min(255, Math.round(c * shade)))) as [
        number,
        number,
        number,
      ];
      pixels[py * width + px] = (r | (g << 8) | (b << 16) | (opacity << 24)) >>> 0;
    }
  }
  return makeTexture(pixels, width, height);
}

/** Height of the cloth's upper edge at a distance from the middle: a round collar, then sloping shoulders. */
function hem(x: number): number {
  const side = Math.abs(x);
  if (side < neckHalfWidth) return 0.03 + 0.2 * Math.sqrt(1 - (side / neckHalfWidth) ** 2);
  const slope = (side - neckHalfWidth) / (1.42 - neckHalfWidth);
  return 0.03 + 0.3 * slope + 0.16 * slope ** 4;
}

/** How far inside the cloth a point is, in face widths; negative outside. */
function clothDepth(x: number, y: number): number {
  const side = 1.42 + 0.16 * ease((y - 0.5) / 2) - Math.abs(x);
  return Math.min(side, (y - hem(x)) * 0.9);
}

function clothLight(x: number, y: number): number {
  const side = Math.abs(x);
  let light = 1.12 - 0.3 * (side / 1.5) ** 2 - 0.05 * x;
  // The collar's band and its shadow.
  const below = y - hem(x);
  if (side < neckHalfWidth + 0.1) {
    if (below < 0.07) light *= 1.1;
    else light *= 0.84 + 0.16 * ease((below - 0.07) / 0.12);
  }
  // The crease between arm and trunk.
  const crease = Math.exp(-(((side - 1.04 - 0.02 * y) / 0.05) ** 2)) * ease((y - 0.9) / 0.5);
  return light * (1 - 0.35 * crease);
}

/** Draws the trunk below a neck that is at (x, y) metres, at a distance. */
export function drawTorso(
  canvas: Canvas,
  torso: Texture,
  at: { optics: Optics; neckXM: number; neckYM: number; distanceM: number; leanRad: number },
): void {
  const { optics } = at;
  const scale = (optics.focalPx * faceWidthM) / at.distanceM;
  const x0 = optics.centreX + (optics.focalPx * at.neckXM) / at.distanceM;
  const y0 = optics.centreY + (optics.focalPx * at.neckYM) / at.distanceM;
  const bottomTexel = (drop - 0.1) * texelsPerFace;
  // Rows of three: the last one stretches the lowest cloth down past the picture.
  const rows = [
    [0, 0.5],
    [drop - 0.1, bottomTexel],
    [drop + 12, bottomTexel + 1],
  ] as const;
  const screen: number[] = [];
  const texture: number[] = [];
  for (const [y, texel] of rows) {
    for (const x of [-halfWidth, halfWidth]) {
      screen.push(x0 + (x - at.leanRad * Math.min(y, drop)) * scale, y0 + y * scale);
      texture.push(x < 0 ? 0.5 : 2 * halfWidth * texelsPerFace - 0.5, texel);
    }
  }
  drawPatch(canvas, torso, flatPatch(screen, texture, texelsPerFace / scale));
}

const quads = Uint32Array.from([0, 1, 3, 0, 3, 2, 2, 3, 5, 2, 5, 4]);

function flatPatch(screen: number[], texture: number[], texelsPerPixel: number): Patch {
  return {
    screen: Float32Array.from(screen),
    texture: Float32Array.from(texture),
    depth: new Float32Array(screen.length / 2),
    triangles: quads,
    texelsPerPixel,
  };
}
