import { ease } from "./chance.ts";
import { eyeCorners } from "./facemesh-points.ts";
import type { HeadModel } from "./head-model.ts";
import { drawPatch, makeTexture, type Texture } from "./raster.ts";
import { projectHead, type Worn } from "./walker.ts";

/** Glasses with a dark frame before the eyes of a head; the lenses mirror a little of the room. */
export function glassesFor(head: HeadModel): Worn {
  const shape = shapeOf(head);
  return (canvas, { optics, state }) => {
    const { screen, depth } = projectHead(shape, state, optics);
    drawPatch(canvas, spectacles, {
      screen,
      depth,
      texture: shape.texture,
      triangles: shape.triangles,
      texelsPerPixel: 1,
    });
  };
}

// --- internal ---

/** In face widths. */
const half = { width: 0.44, height: 0.17 };
const columns = 9;
const rows = 3;
/** Before the eyes' corners in the middle; the sides run back to the temples. */
const beforeEyes = 0.13;
const curve = 0.75;
const texel = { width: 352, height: 136 };

function shapeOf(head: HeadModel) {
  const corners = eyeCorners.flat();
  const mean = (c: number) => corners.reduce((sum, i) => sum + head.frontal[3 * i + c]!, 0) / corners.length;
  const [x0, y0, z0] = [mean(0), mean(1) + 0.02, mean(2)];
  const count = columns * rows;
  const frontal = new Float32Array(3 * count);
  const texture = new Float32Array(2 * count);
  const triangles: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const n = row * columns + column;
      const [s, t] = [(2 * column) / (columns - 1) - 1, (2 * row) / (rows - 1) - 1];
      frontal.set([x0 + s * half.width, y0 + t * half.height, z0 - beforeEyes + curve * (s * half.width) ** 2], 3 * n);
      texture.set([(0.5 + s / 2) * texel.width, (0.5 + t / 2) * texel.height], 2 * n);
      if (row === rows - 1 || column === columns - 1) continue;
      triangles.push(n, n + 1, n + columns, n + 1, n + columns + 1, n + columns);
    }
  }
  return {
    ...{ frontal, rest: frontal, texture, triangles: Uint32Array.from(triangles), chinY: head.chinY },
    follow: new Float32Array(count).fill(1),
    lean: new Float32Array(count).fill(1),
    shut: new Float32Array(3 * count),
    jaw: new Float32Array(count),
  };
}

const spectacles: Texture = makeSpectacles();

/** Two rounded lenses about the eyes (0.23 face widths from the middle) and a bridge. */
function makeSpectacles(): Texture {
  const pixels = new Uint32Array(texel.width * texel.height);
  const perFace = texel.width / (2 * half.width);
  for (let py = 0; py < texel.height; py++) {
    for (let px = 0; px < texel.width; px++) {
      const x = (px + 0.5) / perFace - half.width;
      const y = (py + 0.5) / perFace - half.height;
      const lens = (((Math.abs(x) - 0.225) / 0.17) ** 4 + (y / 0.125) ** 4) ** 0.25;
      const rim = ease((lens - 0.93) * 22) * (1 - ease((lens - 1.1) * 22));
      const bridge = Math.abs(x) < 0.075 && Math.abs(y + 0.045) < 0.014 ? 1 : 0;
      const temple = Math.abs(x) > 0.385 && Math.abs(y + 0.05) < 0.018 ? 1 : 0;
      const solid = Math.max(rim, bridge, temple);
      // A window mirrored in the upper corner of each lens.
      const mirror =
        lens < 0.95 ? 0.05 + 0.3 * ease(1 - Math.hypot((Math.abs(x) - 0.16) / 0.06, (y + 0.06) / 0.035)) : 0;
      const light = solid > 0.05 ? 34 : 235;
      const alpha = Math.round(255 * (solid > 0.05 ? solid : mirror));
      pixels[py * texel.width + px] = (light | (light << 8) | (light << 16) | (alpha << 24)) >>> 0;
    }
  }
  return makeTexture(pixels, texel.width, texel.height);
}
