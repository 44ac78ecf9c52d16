import { ease } from "./chance.ts";
import { lowerLip, lowerLipEdge, mouthCorners } from "./facemesh-points.ts";
import { type Canvas, drawPatch, makeTexture } from "./raster.ts";

/** A mouth that opens: the lower lip and the chin go down, and what is between the lips is dark. */

/** How far the lower lip goes down in loud talk, in face widths: about 11 mm. */
const travel = 0.08;

/** How far each point goes down. `frontal`: x, y, z of each point; those from `faceCount` on are hair and neck, and stay. */
export function jawDrop(frontal: Float32Array, faceCount: number): Float32Array {
  const drop = new Float32Array(frontal.length / 3);
  const [right, left] = mouthCorners;
  const middleX = (frontal[3 * right]! + frontal[3 * left]!) / 2;
  const half = Math.abs(frontal[3 * left]! - frontal[3 * right]!) / 2 || 1;
  const lipY = frontal[3 * 17 + 1]!;
  const lips: ReadonlySet<number> = new Set(lowerLip);
  for (let i = 0; i < faceCount; i++) {
    const side = Math.abs(frontal[3 * i]! - middleX) / half;
    if (lips.has(i)) drop[i] = travel * Math.max(0, 1 - side * side);
    else if (frontal[3 * i + 1]! > lipY) drop[i] = 0.8 * travel * (1 - ease((side - 0.3) / 1.3));
  }
  return drop;
}

/** The dark between where the lower lip was and where it is. `lips`: the points on the screen with the mouth shut. */
export function drawMouth(canvas: Canvas, at: { lips: Float32Array; screen: Float32Array; depth: Float32Array }): void {
  const columns = lowerLipEdge.length;
  const screen = new Float32Array(4 * columns);
  const texture = new Float32Array(4 * columns);
  const triangles: number[] = [];
  lowerLipEdge.forEach((point, n) => {
    screen.set(at.lips.subarray(2 * point, 2 * point + 2), 2 * n);
    screen.set(at.screen.subarray(2 * point, 2 * point + 2), 2 * (columns + n));
    const u = 1 + ((size - 3) * n) / (columns - 1);
    texture.set([u, 1], 2 * n);
    texture.set([u, size - 2], 2 * (columns + n));
    if (n < columns - 1) triangles.push(n, n + 1, columns + n, n + 1, columns + n + 1, columns + n);
  });
  const depth = new Float32Array(2 * columns);
  drawPatch(canvas, dark, { screen, depth, texture, triangles: Uint32Array.from(triangles), texelsPerPixel: 1 });
}

// --- internal ---

const size = 32;
const dark = makeTexture(
  Uint32Array.from({ length: size * size }, (_, i) => {
    const across = Math.min(i % size, size - 1 - (i % size)) / size;
    const alpha = Math.round(235 * Math.min(1, 0.2 + across / 0.15));
    return (52 | (22 << 8) | (22 << 16) | (alpha << 24)) >>> 0;
  }),
  size,
  size,
);
