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
import { type Canvas, drawPatch, type Rows, type Texture } from "./raster.ts";
import { rowsSeen } from "./seen-rows.ts";
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
export type SheetPicture = SheetLook | MovingPicture;

export interface MovingPicture {
  /** Its texture holds what was painted last. */
  readonly look: SheetLook;
  /** Paints what is seen at a time. `rows`: those of the texture that are needed, default all. */
  readonly paint: (tMs: number, rows?: Rows) => void;
}

/** Somebody who holds up a picture of an actor and, told to turn, tilts and shakes it. A pure function of time. */
export class Sheet implements Figure {
  readonly visit: Visit;
  readonly #look: SheetLook;
  readonly #moving: MovingPicture | null;
  readonly #options: SheetOptions;
  readonly #holder: Texture;
  readonly #jitter: Readonly<
    Record<"x" | "y" | "z" | "drift" | "yaw" | "pitch" | "roll" | "bend", (tMs: number) => number>
  >;
  readonly #leanDeg: number;

  constructor(picture: SheetPicture, options: SheetOptions) {
    const random = randomFor(options.seed, `${options.visit.id}/sheet`);
    this.visit = options.visit;
    this.#moving = "paint" in picture ? picture : null;
    this.#look = "paint" in picture ? picture.look : picture;
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
    const held = { optics: at.optics, look: this.#look, state, tMs: at.tMs };
    this.#moving?.paint(at.tMs, rowsSeen(canvas, sheetPatch(this.#look, held)));
    this.#options.behind?.(canvas, held);
    drawSheet(canvas, this.#look, held);
    this.#options.over?.(canvas, held);
  }

  light(map: LightMap, at: LitAt): void {
    const state = this.stateAt(at.tMs, at.history);
    if (!state) return;
    const { optics } = at;
    map.body(at.isDrawn, state.distanceM + holderBehindM);
    map.surface(sheetPatch(this.#look, { optics, state }), optics, this.#options.reflectance ?? 1);
  }
}

/** Draws a sheet as a grid of flat cells, bent round an upright axis, in perspective. */
export function drawSheet(canvas: Canvas, look: SheetLook, at: { optics: Optics; state: SheetState }): void {
  const texelsPerPixel = (look.texelsPerMetre * at.state.distanceM) / at.optics.focalPx;
  drawPatch(canvas, look.texture, { ...sheetPatch(look, at), texelsPerPixel });
}

/** A place of the sheet, from -0.5 to 0.5 across and down, in metres before the camera. */
export function sheetPoint(look: SheetOutline, state: SheetState, [s, t]: readonly [number, number]): Point3 {
  return sheetPoints(look, state)(s, t);
}

export type SheetOutline = Pick<SheetLook, "widthM" | "heightM">;
export type Point3 = readonly [number, number, number];

/** The sheet's grid on the screen with the places of its picture; the grid's points run row by row. */
export function sheetPatch(look: SheetLook, at: { optics: Optics; state: SheetState }) {
  const { optics, state } = at;
  const patch = {
    screen: new Float32Array(2 * rows * columns),
    texture: new Float32Array(2 * rows * columns),
    depth: new Float32Array(rows * columns),
    triangles: gridTriangles,
  };
  const pointAt = sheetPoints(look, state);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const n = row * columns + column;
      const s = column / (columns - 1) - 0.5;
      const t = row / (rows - 1) - 0.5;
      const [x, y, z] = pointAt(s, t);
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

/** Where each place of a sheet is that is held in one way. */
function sheetPoints(look: SheetOutline, state: SheetState): (s: number, t: number) => Point3 {
  const [cosRoll, sinRoll] = [Math.cos(state.rollDeg * degree), Math.sin(state.rollDeg * degree)];
  const [cosPitch, sinPitch] = [Math.cos(state.pitchDeg * degree), Math.sin(state.pitchDeg * degree)];
  const [cosYaw, sinYaw] = [Math.cos(state.yawDeg * degree), Math.sin(state.yawDeg * degree)];
  return (s, t) => {
    const flat = bent(s * look.widthM, look.widthM, state.bend);
    const y0 = t * look.heightM;
    const x1 = flat.x * cosRoll - y0 * sinRoll;
    const y1 = flat.x * sinRoll + y0 * cosRoll;
    const y2 = y1 * cosPitch + flat.z * sinPitch;
    const z2 = -y1 * sinPitch + flat.z * cosPitch;
    const x3 = x1 * cosYaw - z2 * sinYaw;
    const z3 = x1 * sinYaw + z2 * cosYaw;
    return [state.xM + x3, state.yM + y2, Math.max(0.05, state.distanceM + z3)];
  };
}

const gridTriangles = trianglesOfGrid();

function trianglesOfGrid(): Uint32Array {
  const triangles: number[] = [];
  for (let row = 0; row < rows - 1; row++) {
    for (let column = 0; column < columns - 1; column++) {
      const n = row * columns + column;
      triangles.push(n, n + 1, n + columns, n + 1, n + columns + 1, n + columns);
    }
  }
  return Uint32Array.from(triangles);
}
