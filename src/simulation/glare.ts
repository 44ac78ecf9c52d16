import { ease } from "./chance.ts";
import { type Canvas, drawPatch, makeTexture, type Texture } from "./raster.ts";
import { type HeldSheet, type Point3, type SheetLayer, sheetGrid, sheetPatch, sheetPoint } from "./sheet.ts";

/**
 * The mirror image of a lamp in a glossy sheet: each place of the sheet shows what lies in the direction into which it
 * reflects the camera's ray, so that the glare runs over the picture as the sheet is tilted.
 */
export function glare(lamp: Lamp): SheetLayer {
  const texture = lampTexture(lamp.strength);
  return (canvas, held) => drawGlare(canvas, held, { lamp, texture });
}

export interface Lamp {
  /** Where it hangs, seen from the sheet: tangents of the angles to our right and down of the way back to the camera. */
  readonly side: number;
  readonly down: number;
  /** Half its width, likewise. */
  readonly reach: number;
  /** 0: nothing is mirrored; 1: pure white in the middle. */
  readonly strength: number;
}

// --- internal ---

const size = 64;
const step = 1e-3;

function drawGlare(canvas: Canvas, held: HeldSheet, { lamp, texture }: { lamp: Lamp; texture: Texture }): void {
  const patch = sheetPatch(held.look, held);
  sheetGrid.forEach((place, n) => {
    const [x, y, z] = reflected(held, place);
    const back = Math.max(1e-3, -z);
    patch.texture[2 * n] = size * (0.5 + (x / back - lamp.side) / (2 * lamp.reach));
    patch.texture[2 * n + 1] = size * (0.5 + (y / back - lamp.down) / (2 * lamp.reach));
  });
  drawPatch(canvas, texture, { ...patch, texelsPerPixel: 1 });
}

/** The direction in which the camera's ray leaves the sheet. */
function reflected({ look, state }: HeldSheet, [s, t]: readonly [number, number]): Point3 {
  const at = sheetPoint(look, state, [s, t]);
  const across = sheetPoint(look, state, [s + step, t]);
  const down = sheetPoint(look, state, [s, t + step]);
  const [ax, ay, az] = [across[0] - at[0], across[1] - at[1], across[2] - at[2]];
  const [bx, by, bz] = [down[0] - at[0], down[1] - at[1], down[2] - at[2]];
  const normal = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx] as const;
  const squared = normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2 || 1;
  const along = (2 * (at[0] * normal[0] + at[1] * normal[1] + at[2] * normal[2])) / squared;
  return [at[0] - along * normal[0], at[1] - along * normal[1], at[2] - along * normal[2]];
}

/** White, opaque in the middle and nothing at the rim, which the texture's clamped edge continues. */
function lampTexture(strength: number): Texture {
  const pixels = Uint32Array.from({ length: size * size }, (_, i) => {
    const [u, v] = [(i % size) / (size - 1) - 0.5, Math.floor(i / size) / (size - 1) - 0.5];
    const inside = (1 - ease((Math.abs(u) - 0.2) / 0.28)) * (1 - ease((Math.abs(v) - 0.2) / 0.28));
    return (0xffffff | (Math.round(255 * strength * inside) << 24)) >>> 0;
  });
  return makeTexture(pixels, size, size);
}
