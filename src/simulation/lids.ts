import { lidStrips } from "./facemesh-points.ts";
import { type Canvas, drawPatch, makeTexture, type Texture, type TextureLevel } from "./raster.ts";

/**
 * Shut lids. Stretching what lies above an open eye would show its lashes and shadow as a dark smear; a strip of the
 * person's own skin with a line of lashes at its lower edge is laid over the eye instead.
 */

const swatch = { width: 48, height: 32 };
/** Points under each eye that show bare skin. */
const skinPoints = [
  [229, 230, 231, 118, 119],
  [449, 450, 451, 347, 348],
] as const;

/** One texture for each eye, the person's right one first. `at`: x, y of each point in pixels of the level. */
export function lidTextures(level: TextureLevel, at: Float32Array): readonly Texture[] {
  return skinPoints.map((points) => {
    const colours = points.map((i) => meanColour(level, at[2 * i]!, at[2 * i + 1]!));
    const mean = [0, 1, 2].map((c) => colours.reduce((sum, colour) => sum + colour[c]!, 0) / colours.length);
    return lidTexture(mean);
  });
}

/** Draws both lids over a head whose points are on the screen already; they end where its upper lids are. */
export function drawLids(
  canvas: Canvas,
  lids: readonly Texture[],
  points: { screen: Float32Array; depth: Float32Array },
): void {
  lidStrips.forEach((strip, eye) => {
    const texture = lids[eye];
    if (!texture) return;
    const columns = strip.length;
    const screen = new Float32Array(4 * columns);
    const textureAt = new Float32Array(4 * columns);
    const depth = new Float32Array(2 * columns);
    const triangles = new Uint32Array(6 * (columns - 1));
    strip.forEach(([crease, lid], n) => {
      screen.set(points.screen.subarray(2 * crease, 2 * crease + 2), 2 * n);
      screen.set(points.screen.subarray(2 * lid, 2 * lid + 2), 2 * (columns + n));
      const u = 1 + ((swatch.width - 3) * n) / (columns - 1);
      textureAt.set([u, 1], 2 * n);
      textureAt.set([u, swatch.height - 1], 2 * (columns + n));
      depth[n] = points.depth[crease]!;
      depth[columns + n] = points.depth[lid]!;
      if (n < columns - 1) triangles.set([n, n + 1, columns + n, n + 1, columns + n + 1, columns + n], 6 * n);
    });
    drawPatch(canvas, texture, { screen, depth, texture: textureAt, triangles, texelsPerPixel: 1 });
  });
}

// --- internal ---

function meanColour(level: TextureLevel, x: number, y: number): readonly number[] {
  const sum = [0, 0, 0];
  const reach = 2;
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const px = Math.max(0, Math.min(level.width - 1, Math.round(x) + dx));
      const py = Math.max(0, Math.min(level.height - 1, Math.round(y) + dy));
      const pixel = level.pixels[py * level.width + px]!;
      for (let c = 0; c < 3; c++) sum[c]! += (pixel >>> (8 * c)) & 255;
    }
  }
  return sum.map((s) => s / (2 * reach + 1) ** 2);
}

/** Skin, a little darker towards the edge, lashes along it; the upper end fades into the face. */
function lidTexture(skin: readonly number[]): Texture {
  const pixels = new Uint32Array(swatch.width * swatch.height);
  for (let y = 0; y < swatch.height; y++) {
    const down = y / (swatch.height - 1);
    const lashes = down > 0.86 ? 0.32 : 1;
    const light = (0.95 - 0.1 * down) * lashes;
    const [r, g, b] = skin.map((c) => Math.max(0, Math.min(255, Math.round(c * light))));
    for (let x = 0; x < swatch.width; x++) {
      const across = Math.min(x, swatch.width - 1 - x) / swatch.width;
      const alpha = Math.round(255 * Math.min(1, down / 0.3) * Math.min(1, 0.15 + across / 0.12));
      pixels[y * swatch.width + x] = ((r ?? 0) | ((g ?? 0) << 8) | ((b ?? 0) << 16) | (alpha << 24)) >>> 0;
    }
  }
  return makeTexture(pixels, swatch.width, swatch.height);
}
