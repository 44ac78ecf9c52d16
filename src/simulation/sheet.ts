import { between, ease, randomFor, wander } from "./chance.ts";
import type { LightMap } from "./door-light.ts";
import type { Figure, LitAt } from "./figure.ts";
import {
  attention,
  type Prompting,
  placeOf,
  reactionsOf,
  standingDistance,
  turnGesture,
  type Visit,
} from "./motion.ts";
import type { Optics } from "./optics.ts";
import { type Canvas, drawPatch, type Texture } from "./raster.ts";
import type { SheetLook } from "./sheet-texture.ts";
import { drawTorso } from "./torso.ts";

const degree = Math.PI / 180;
const columns = 17;
const rows = 9;
const outsideM = 1.2;
const farM = 1.1;
/** From a sheet to whoever holds it. */
const holderBehindM = 0.4;

/** How a sheet is held. `bend`: 0 flat, else the angle in radians that its width spans as part of a cylinder. */
export interface SheetState {
  readonly xM: number;
  readonly yM: number;
  readonly distanceM: number;
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
  readonly bend: number;
}

export interface SheetOptions {
  readonly seed: number;
  readonly visit: Visit;
  /** What whoever holds it wears. */
  readonly holder: Texture;
  /** Radians of bend at rest; it changes by a third of itself as the sheet is held. */
  readonly bend: number;
  /** Metres from the camera at which it is held up, and how far from there it drifts to and fro. */
  readonly heldM: number;
  readonly driftM?: number;
  /** Drawn before the sheet, and over it: what shows through its holes, what its surface does with the light. */
  readonly behind?: SheetLayer;
  readonly over?: SheetLayer;
  /** How much of a lamp's light it scatters, against what it shows anyway; default 1, as paper does. */
  readonly reflectance?: number;
}

/** Something that belongs to a sheet as it is held at one time. */
export type SheetLayer = (canvas: Canvas, held: HeldSheet) => void;

export interface HeldSheet {
  readonly optics: Optics;
  readonly look: SheetLook;
  readonly state: SheetState;
  readonly tMs: number;
}

/** What a sheet shows: always the same, or a moving picture. */
export type SheetPicture = SheetLook | ((tMs: number) => SheetLook);

/** Somebody who holds up a picture of an actor and, told to turn, tilts and shakes it. A pure function of time. */
export class Sheet implements Figure {
  readonly visit: Visit;
  readonly #picture: SheetPicture;
  readonly #options: SheetOptions;
  readonly #holder: Texture;
  readonly #jitter: Readonly<
    Record<"x" | "y" | "z" | "drift" | "yaw" | "pitch" | "roll" | "bend", (tMs: number) => number>
  >;
  readonly #leanDeg: number;

  constructor(picture: SheetPicture, options: SheetOptions) {
    const random = randomFor(options.seed, `${options.visit.id}/sheet`);
    this.visit = options.visit;
    this.#picture = picture;
    this.#options = options;
    this.#holder = options.holder;
    this.#leanDeg = between(random, -4, 4);
    this.#jitter = {
      x: wander(random, 1_300),
      y: wander(random, 1_100),
      z: wander(random, 2_100),
      yaw: wander(random, 1_700),
      pitch: wander(random, 1_500),
      roll: wander(random, 1_900),
      bend: wander(random, 2_700),
      drift: wander(random, 6_700),
    };
  }

  distanceM(tMs: number, history: readonly Prompting[]): number | null {
    return this.stateAt(tMs, history)?.distanceM ?? null;
  }

  stateAt(tMs: number, history: readonly Prompting[]): SheetState | null {
    const { visit, seed, heldM, bend, driftM = 0 } = this.#options;
    const place = placeOf(visit, tMs);
    if (!place) return null;
    const reactions = reactionsOf(seed, visit.id, history);
    const jitter = this.#jitter;
    const turn = turnGesture(reactions, tMs);
    const shaking = Math.max(attention(reactions, "turn", tMs), attention(reactions, "look-here", tMs) * 0.4);
    const shake = 0.012 * shaking * Math.sin((2 * Math.PI * 2.6 * tMs) / 1000);
    const closer = standingDistance(1, reactions, tMs);
    const held = heldM * closer + driftM * jitter.drift(tMs);
    return {
      xM:
        place.side * outsideM * (1 - place.share) + visit.besideM * heldM * place.share + 0.006 * jitter.x(tMs) + shake,
      yM: 0.01 + 0.25 * (1 - ease(place.share * 1.4)) + 0.005 * jitter.y(tMs) + 0.5 * shake * jitter.roll(tMs),
      distanceM: farM + (held - farM) * place.share + 0.008 * jitter.z(tMs),
      yawDeg: 3 * jitter.yaw(tMs) + 26 * turn,
      pitchDeg: 3 * jitter.pitch(tMs) + 12 * shaking * jitter.pitch(tMs * 1.7),
      rollDeg: this.#leanDeg + 2.5 * jitter.roll(tMs),
      bend: bend * (1 + 0.33 * jitter.bend(tMs) + 0.25 * turn),
    };
  }

  draw(canvas: Canvas, at: { optics: Optics; tMs: number; history: readonly Prompting[] }): void {
    const state = this.stateAt(at.tMs, at.history);
    if (!state) return;
    const holderM = state.distanceM + holderBehindM;
    drawTorso(canvas, this.#holder, {
      optics: at.optics,
      neckXM: (state.xM * holderM) / state.distanceM,
      neckYM: 0.1,
      distanceM: holderM,
      leanRad: 0,
    });
    const picture = this.#picture;
    const look = typeof picture === "function" ? picture(at.tMs) : picture;
    const held = { optics: at.optics, look, state, tMs: at.tMs };
    this.#options.behind?.(canvas, held);
    drawSheet(canvas, look, held);
    this.#options.over?.(canvas, held);
  }

  light(map: LightMap, at: LitAt): void {
    const state = this.stateAt(at.tMs, at.history);
    if (!state) return;
    const { optics, tMs } = at;
    map.body(at.isDrawn, state.distanceM + holderBehindM);
    const picture = this.#picture;
    const look = typeof picture === "function" ? picture(tMs) : picture;
    map.surface(sheetPatch(look, { optics, state }), optics, this.#options.reflectance ?? 1);
  }
}

/** Draws a sheet as a grid of flat cells, bent round an upright axis, in perspective. */
export function drawSheet(canvas: Canvas, look: SheetLook, at: { optics: Optics; state: SheetState }): void {
  const { optics, state } = at;
  const patch = sheetPatch(look, at);
  drawPatch(canvas, look.texture, {
    ...patch,
    texelsPerPixel: (look.texelsPerMetre * state.distanceM) / optics.focalPx,
  });
}

/** A place of the sheet, from -0.5 to 0.5 across and down, in metres before the camera. */
export function sheetPoint(look: SheetOutline, state: SheetState, at: readonly [number, number]): Point3 {
  const [s, t] = at;
  return placed(bent(s * look.widthM, look.widthM, state.bend), t * look.heightM, state);
}

export type SheetOutline = Pick<SheetLook, "widthM" | "heightM">;
export type Point3 = readonly [number, number, number];

/** The sheet's grid on the screen with the places of its picture; the grid's points run row by row. */
export function sheetPatch(look: SheetLook, at: { optics: Optics; state: SheetState }) {
  const { optics, state } = at;
  const patch = gridPatch();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const n = row * columns + column;
      const [s, t] = [column / (columns - 1) - 0.5, row / (rows - 1) - 0.5];
      const [x, y, z] = sheetPoint(look, state, [s, t]);
      patch.screen[2 * n] = optics.centreX + (optics.focalPx * x) / z;
      patch.screen[2 * n + 1] = optics.centreY + (optics.focalPx * y) / z;
      patch.depth[n] = z;
      patch.texture[2 * n] = (s + 0.5) * look.widthM * look.texelsPerMetre;
      patch.texture[2 * n + 1] = (t + 0.5) * look.heightM * look.texelsPerMetre;
    }
  }
  return patch;
}

/** The grid: its points' places from -0.5 to 0.5, row by row. */
export const sheetGrid: readonly (readonly [number, number])[] = Array.from({ length: rows * columns }, (_, n) => [
  (n % columns) / (columns - 1) - 0.5,
  Math.floor(n / columns) / (rows - 1) - 0.5,
]);

// --- internal ---

/** A point of the sheet's width laid on a cylinder whose edges go back, away from the camera. */
function bent(u: number, widthM: number, bend: number): { x: number; z: number } {
  if (Math.abs(bend) < 1e-3) return { x: u, z: 0 };
  const radius = widthM / bend;
  return { x: radius * Math.sin(u / radius), z: radius * (1 - Math.cos(u / radius)) };
}

function placed(flat: { x: number; z: number }, y0: number, state: SheetState): Point3 {
  const [cosRoll, sinRoll] = [Math.cos(state.rollDeg * degree), Math.sin(state.rollDeg * degree)];
  const [cosPitch, sinPitch] = [Math.cos(state.pitchDeg * degree), Math.sin(state.pitchDeg * degree)];
  const [cosYaw, sinYaw] = [Math.cos(state.yawDeg * degree), Math.sin(state.yawDeg * degree)];
  const [x1, y1] = [flat.x * cosRoll - y0 * sinRoll, flat.x * sinRoll + y0 * cosRoll];
  const [y2, z2] = [y1 * cosPitch + flat.z * sinPitch, -y1 * sinPitch + flat.z * cosPitch];
  const [x3, z3] = [x1 * cosYaw - z2 * sinYaw, x1 * sinYaw + z2 * cosYaw];
  return [state.xM + x3, state.yM + y2, Math.max(0.05, state.distanceM + z3)];
}

function gridPatch() {
  const count = rows * columns;
  const triangles: number[] = [];
  for (let row = 0; row < rows - 1; row++) {
    for (let column = 0; column < columns - 1; column++) {
      const n = row * columns + column;
      triangles.push(n, n + 1, n + columns, n + 1, n + columns + 1, n + columns);
    }
  }
  return {
    screen: new Float32Array(2 * count),
    texture: new Float32Array(2 * count),
    depth: new Float32Array(count),
    triangles: Uint32Array.from(triangles),
  };
}
