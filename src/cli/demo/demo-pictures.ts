import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

/** Two pictures that are computed, not photographed: something to paint where nobody has put pictures yet. */

type Colour = readonly [red: number, green: number, blue: number];

/** Evening over a lake: sky, sun, four ridges, and all of it again in the water. JPEG. */
export function lakePicture(width: number, height: number): Promise<Buffer> {
  const shore = 0.64;
  return render(width, height, (x, y) => {
    if (y < shore) return landscapeAt(x, y / shore);
    const depth = (y - shore) / (1 - shore);
    const ripple = 0.012 * Math.sin(depth * 90 + Math.sin(x * 40) * 2) * (0.3 + depth);
    const mirrored = landscapeAt(x + ripple, 1 - depth * 0.95 + ripple * 2);
    return mix(mirrored, [12, 28, 58], 0.22 + 0.4 * depth);
  });
}

/** Bands of strong colour that flow around whirls, with the grain of a brush. JPEG. */
export function whirlPicture(side: number): Promise<Buffer> {
  const palette: readonly Colour[] = [
    [16, 32, 92],
    [28, 88, 160],
    [96, 170, 196],
    [244, 222, 148],
    [232, 152, 50],
    [20, 52, 120],
    [140, 200, 204],
  ];
  // Far apart and near the edge: beside each other they look like eyes, also to the detector.
  const whirls = [
    [0.9, 0.16, 1],
    [0.1, 0.92, -1],
  ] as const;
  return render(side, side, (x, y) => {
    let [px, py] = [x, y];
    for (const [cx, cy, turn] of whirls) {
      // turned the more the nearer it is: lines wind up without a seam
      const angle = turn * 7 * Math.exp(-Math.hypot(px - cx, py - cy) * 7);
      const [dx, dy] = [px - cx, py - cy];
      px = cx + dx * Math.cos(angle) - dy * Math.sin(angle);
      py = cy + dx * Math.sin(angle) + dy * Math.cos(angle);
    }
    const flow = py * 3 + 0.22 * Math.sin(px * 8);
    const band = flow * 4 + 0.35 * Math.sin(x * 31 + y * 17);
    const index = Math.floor(band);
    const at = (offset: number) => palette[(((index + offset) % palette.length) + palette.length) % palette.length];
    const edge = Math.min(1, Math.max(0, (band - index - 0.65) / 0.35));
    const colour = mix(at(0) ?? [0, 0, 0], at(1) ?? [0, 0, 0], edge);
    const grain = 20 * Math.sin(band * 21) + 14 * Math.sin(flow * 170 + x * 9);
    return [colour[0] + grain, colour[1] + grain, colour[2] + grain * 0.8];
  });
}

export const demoPictures = { content: "lake-at-evening.jpg", style: "whirls.jpg" } as const;

/** Puts both into folders below this one; gives back the environment that makes a daemon paint from them. */
export async function hangDemoPictures(folder: string): Promise<Readonly<Record<string, string>>> {
  const [content, style] = [join(folder, "photographs"), join(folder, "paintings")];
  const hang = (directory: string, name: string, jpeg: Uint8Array) => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = join(directory, name);
    writeFileSync(file, jpeg);
    // A file that has just changed might still be on its way.
    utimesSync(file, new Date(0), new Date(0));
  };
  hang(content, demoPictures.content, await lakePicture(640, 360));
  hang(style, demoPictures.style, await whirlPicture(360));
  return { LINTEL__art__contentDirectory: content, LINTEL__art__styleDirectory: style };
}

// --- internal ---

const ridges: readonly {
  readonly base: number;
  readonly lift: number;
  readonly seed: number;
  readonly colour: Colour;
}[] = [
  { base: 0.62, lift: 0.13, seed: 1.3, colour: [142, 118, 156] },
  { base: 0.74, lift: 0.12, seed: 4.1, colour: [96, 84, 132] },
  { base: 0.86, lift: 0.1, seed: 7.7, colour: [54, 58, 98] },
  { base: 0.96, lift: 0.07, seed: 2.9, colour: [22, 32, 58] },
];

function landscapeAt(x: number, y: number): Colour {
  for (const { base, lift, seed, colour } of ridges.toReversed()) {
    const ridge = base - lift * ridgeAt(x, seed);
    if (y > ridge) return mix(colour, [248, 190, 140], Math.max(0, 0.35 - (y - ridge) * 1.6));
  }
  const sky = mix([46, 66, 140], [252, 176, 108], Math.min(1, y / 0.72) ** 1.4);
  const sun = Math.hypot((x - 0.64) * 2.6, y - 0.4);
  const clouds = 0.5 + 0.5 * Math.sin(x * 9 + Math.sin(y * 38) * 1.7 + y * 30);
  const lit = mix(sky, [255, 214, 170], 0.28 * clouds ** 3 * (1 - y));
  return sun < 0.075 ? [255, 244, 206] : mix(lit, [255, 228, 160], 0.85 * Math.exp(-(sun - 0.075) * 9));
}

function ridgeAt(x: number, seed: number): number {
  let sum = 0;
  for (let octave = 0; octave < 6; octave++) {
    const cycles = 2.1 * 2 ** octave;
    sum += 0.55 ** octave * (1 - Math.abs(Math.sin(x * cycles + seed * (octave + 1))));
  }
  return sum - 0.6;
}

function mix(from: Colour, to: Colour, part: number): Colour {
  const at = (i: 0 | 1 | 2) => from[i] + (to[i] - from[i]) * part;
  return [at(0), at(1), at(2)];
}

function render(width: number, height: number, colourAt: (x: number, y: number) => Colour): Promise<Buffer> {
  const rgb = new Uint8ClampedArray(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      rgb.set(colourAt((column + 0.5) / width, (row + 0.5) / height), (row * width + column) * 3);
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}
