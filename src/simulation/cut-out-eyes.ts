import { BlinkTrain } from "./blinks.ts";
import type { Actor } from "./cast.ts";
import { randomFor } from "./chance.ts";
import { eyeCorners, eyeRims } from "./facemesh-points.ts";
import type { HeadModel } from "./head-model.ts";
import type { Visit } from "./motion.ts";
import { faceWidthM } from "./optics.ts";
import { makeTexture } from "./raster.ts";
import { type HeldSheet, type SheetLayer, sheetPoint } from "./sheet.ts";
import { type PlacedSheetLook, printLook } from "./sheet-texture.ts";
import { drawHead, projectHead } from "./walker.ts";

/** A print with holes where the eyes are. `eyes`: the middle of both and their distance, as shares of the sheet. */
export interface MaskedLook extends PlacedSheetLook {
  readonly eyes: { readonly s: number; readonly t: number; readonly apartM: number };
}

export function cutOutLook(actor: Actor): MaskedLook {
  const look = printLook(actor);
  const { points } = actor.mesh;
  const at = (i: number) => look.placeOf(points[3 * i]!, points[3 * i + 1]!);
  const holes = eyeRims.map((rim) => rim.map(at));
  const level = look.texture.levels[0];
  if (!level) throw new Error("a look without a texture");
  const pixels = Uint32Array.from(level.pixels);
  for (const hole of holes) cutHole({ ...level, pixels }, hole, look.texelsPerMetre);
  const [right, left] = eyeCorners.map(([outer, inner]) => between(at(outer), at(inner)));
  if (!right || !left) throw new Error("two eyes");
  const middle = between(right, left);
  return {
    ...look,
    texture: makeTexture(pixels, level.width, level.height),
    eyes: {
      s: middle[0] / look.widthM - 0.5,
      t: middle[1] / look.heightM - 0.5,
      apartM: Math.hypot(left[0] - right[0], left[1] - right[1]),
    },
  };
}

/** Somebody's own living eyes behind the holes: they blink, and the head moves with the sheet that is held against it. */
export function eyesBehind(head: HeadModel, look: MaskedLook, options: { seed: number; visit: Visit }): SheetLayer {
  const { seed, visit } = options;
  const blinks = new BlinkTrain(randomFor(seed, `${visit.id}/blinks-behind`));
  return (canvas, held) => {
    const { optics, tMs } = held;
    const state = stateBehind(head, look, held);
    drawHead(canvas, { optics, head, state: { ...state, lids: blinks.closure(tMs - visit.enterMs) } });
  };
}

// --- internal ---

/** Holes are cut wider than the eye, for whoever looks through them to see. */
const widen = 1.25;
/** Paper never lies on the face everywhere. */
const gapM = 0.02;

function stateBehind(head: HeadModel, look: MaskedLook, { optics, state }: HeldSheet) {
  const [x, y, z] = sheetPoint(look, state, [look.eyes.s, look.eyes.t]);
  const [ex, ey, ez] = eyeMiddle(head.frontal);
  // As far behind the sheet that its eyes are as far apart, seen by the camera, as the holes are.
  const distanceM = Math.max(z + gapM, (z * eyeDistance(head.frontal) * faceWidthM) / look.eyes.apartM);
  const turned = { yawDeg: 0.85 * state.yawDeg, pitchDeg: 0.85 * state.pitchDeg, rollDeg: state.rollDeg };
  const rough = { xM: 0, yM: 0, distanceM: distanceM - ez * faceWidthM, ...turned, lids: 0 };
  const [eye, one] = [Float32Array.of(ex, ey, ez), Float32Array.of(1)];
  const still = { shut: new Float32Array(3), jaw: new Float32Array(1) };
  const point = { rest: eye, frontal: eye, follow: one, lean: one, ...still, chinY: head.chinY };
  const { screen, depth } = projectHead(point, rough, optics);
  const perPixel = depth[0]! / optics.focalPx;
  return {
    ...rough,
    xM: (optics.centreX + (optics.focalPx * x) / z - screen[0]!) * perPixel,
    yM: (optics.centreY + (optics.focalPx * y) / z - screen[1]!) * perPixel,
  };
}

function eyeMiddle(frontal: Float32Array): readonly [number, number, number] {
  const corners = eyeCorners.flat();
  const mean = (c: number) => corners.reduce((sum, i) => sum + frontal[3 * i + c]!, 0) / corners.length;
  return [mean(0), mean(1), mean(2)];
}

function eyeDistance(frontal: Float32Array): number {
  const [right, left] = eyeCorners.map(([o, i]) => (frontal[3 * o]! + frontal[3 * i]!) / 2);
  return Math.abs((left ?? 0) - (right ?? 0)) || 1;
}

type Place = readonly [number, number];

function between(a: Place, b: Place): Place {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** Makes everything within the outline (metres of the sheet), widened about its middle, transparent. */
function cutHole(
  level: { pixels: Uint32Array; width: number; height: number },
  outline: readonly Place[],
  texelsPerMetre: number,
): void {
  const middle = outline.reduce((sum, [x, y]): Place => [sum[0] + x / outline.length, sum[1] + y / outline.length], [
    0, 0,
  ] as Place);
  const hole = outline.map(
    ([x, y]): Place => [
      (middle[0] + (x - middle[0]) * widen) * texelsPerMetre,
      (middle[1] + (y - middle[1]) * widen * 1.15) * texelsPerMetre,
    ],
  );
  for (let py = 0; py < level.height; py++) {
    for (let px = 0; px < level.width; px++) {
      if (contains(hole, px + 0.5, py + 0.5)) level.pixels[py * level.width + px]! &= 0xffffff;
    }
  }
}

/** Even-odd rule. */
function contains(outline: readonly Place[], x: number, y: number): boolean {
  let isInside = false;
  outline.forEach(([bx, by], n) => {
    const [ax, ay] = outline.at(n - 1) ?? [bx, by];
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) isInside = !isInside;
  });
  return isInside;
}
