import type { LightMap } from "./door-light.ts";
import type { Figure, LitAt } from "./figure.ts";
import type { HeadModel } from "./head-model.ts";
import { drawLids } from "./lids.ts";
import { type HeadState, type Manner, type Prompting, type Visit, WalkerMotion } from "./motion.ts";
import { drawMouth } from "./mouth.ts";
import { faceWidthM, type Optics } from "./optics.ts";
import { type Canvas, drawPatch, type Texture } from "./raster.ts";
import { drawTorso } from "./torso.ts";

const degree = Math.PI / 180;

export interface WalkerOptions {
  readonly seed: number;
  readonly visit: Visit;
  readonly torso: Texture;
  readonly manner?: Manner;
  readonly worn?: Worn;
}

/** Something on the head that moves with it. */
export type Worn = (canvas: Canvas, at: { optics: Optics; state: HeadState }) => void;

/** A person made from a still photograph: the head turned in three dimensions, blinking, above a pullover. */
export class Walker implements Figure {
  readonly visit: Visit;
  readonly #head: HeadModel;
  readonly #motion: WalkerMotion;
  readonly #torso: Texture;
  readonly #worn: Worn | undefined;

  constructor(head: HeadModel, options: WalkerOptions) {
    this.visit = options.visit;
    this.#head = head;
    this.#motion = new WalkerMotion(options.seed, options.visit, options.manner);
    this.#torso = options.torso;
    this.#worn = options.worn;
  }

  distanceM(tMs: number, history: readonly Prompting[]): number | null {
    return this.#motion.at(tMs, history)?.distanceM ?? null;
  }

  draw(canvas: Canvas, at: { optics: Optics; tMs: number; history: readonly Prompting[] }): void {
    const state = this.#motion.at(at.tMs, at.history);
    if (!state) return;
    drawPerson(canvas, { optics: at.optics, head: this.#head, torso: this.#torso, state });
    this.#worn?.(canvas, { optics: at.optics, state });
  }

  light(map: LightMap, at: LitAt): void {
    const state = this.#motion.at(at.tMs, at.history);
    if (!state) return;
    map.body(at.isDrawn, state.distanceM);
    map.surface({ ...projectHead(this.#head, state, at.optics), triangles: this.#head.triangles }, at.optics, 1);
  }
}

/** Draws a head in a given position over its trunk. */
export function drawPerson(
  canvas: Canvas,
  person: { optics: Optics; head: HeadModel; torso: Texture; state: HeadState },
): void {
  const { optics, head, state } = person;
  drawHead(canvas, person);
  drawTorso(canvas, person.torso, {
    optics,
    neckXM: state.xM,
    neckYM: state.yM + (head.chinY + 0.16) * faceWidthM,
    distanceM: state.distanceM,
    leanRad: 0,
  });
}

/** Draws a head alone. */
export function drawHead(canvas: Canvas, person: { optics: Optics; head: HeadModel; state: HeadState }): void {
  const { optics, head, state } = person;
  const { screen, depth } = projectHead(head, state, optics);
  drawPatch(canvas, head.texture, {
    screen,
    depth,
    texture: head.textureAt,
    triangles: head.triangles,
    texelsPerPixel: (head.faceWidthPx * state.distanceM) / (optics.focalPx * faceWidthM),
  });
  if (state.lids > 0.1) drawLids(canvas, head.lids, { screen, depth });
  const jaw = state.jaw ?? 0;
  if (jaw > 0.05) drawMouth(canvas, { lips: projectHead(head, { ...state, jaw: 0 }, optics).screen, screen, depth });
}

/** What `projectHead` needs of a head, or of something that it wears. */
export type Shape = Pick<HeadModel, "rest" | "frontal" | "follow" | "lean" | "shut" | "jaw" | "chinY">;

/** The head's points on the screen (x, y) and their depth. Pitch is turned first, then yaw; the neck bends for the roll. */
export function projectHead(
  head: Shape,
  state: HeadState,
  optics: Optics,
): { screen: Float32Array; depth: Float32Array } {
  const count = head.follow.length;
  const screen = new Float32Array(2 * count);
  const depth = new Float32Array(count);
  const [cosYaw, sinYaw] = [Math.cos(state.yawDeg * degree), Math.sin(state.yawDeg * degree)];
  const [cosPitch, sinPitch] = [Math.cos(state.pitchDeg * degree), Math.sin(state.pitchDeg * degree)];
  const neckY = head.chinY + 0.1;
  const jaw = state.jaw ?? 0;
  for (let i = 0; i < count; i++) {
    const fx = head.frontal[3 * i]! + state.lids * head.shut[3 * i]!;
    const fy = head.frontal[3 * i + 1]! + state.lids * head.shut[3 * i + 1]! + jaw * head.jaw[i]!;
    const fz = head.frontal[3 * i + 2]! + state.lids * head.shut[3 * i + 2]!;
    const py = fy * cosPitch + fz * sinPitch;
    const pz = -fy * sinPitch + fz * cosPitch;
    const w = head.follow[i]!;
    let x = head.rest[3 * i]! * (1 - w) + (fx * cosYaw - pz * sinYaw) * w;
    let y = head.rest[3 * i + 1]! * (1 - w) + py * w;
    const z = head.rest[3 * i + 2]! * (1 - w) + (fx * sinYaw + pz * cosYaw) * w;
    const lean = state.rollDeg * degree * head.lean[i]!;
    const [cosLean, sinLean] = [Math.cos(lean), Math.sin(lean)];
    const up = y - neckY;
    y = neckY + x * sinLean + up * cosLean;
    x = x * cosLean - up * sinLean;
    const distance = state.distanceM + z * faceWidthM;
    screen[2 * i] = optics.centreX + (optics.focalPx * (state.xM + x * faceWidthM)) / distance;
    screen[2 * i + 1] = optics.centreY + (optics.focalPx * (state.yM + y * faceWidthM)) / distance;
    depth[i] = distance;
  }
  return { screen, depth };
}
