import { actorNamed, type Cast } from "./cast.ts";
import { between, randomFor } from "./chance.ts";
import { LightMap, lightAt, type Shining, shineOn } from "./door-light.ts";
import type { Figure } from "./figure.ts";
import { type Prompt, type Prompting, type Visit, walkOutMs } from "./motion.ts";
import { type Optics, opticsOf } from "./optics.ts";
import type { Canvas } from "./raster.ts";
import { paintRoom } from "./room.ts";
import { Sensor } from "./sensor.ts";
import { FigureMaker, type Species } from "./species.ts";

export interface SceneOptions {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  /** 1: well lit. 0.3: a dim hall. */
  readonly exposure?: number;
  /** Standard deviation of the sensor's noise in grey levels. */
  readonly noise?: number;
  /** 0: light from all sides; 1: a bright window behind people who are nearly black before it. */
  readonly backlight?: number;
  /** Between the exposure of the uppermost and of the lowest row, in milliseconds: 0 is a global shutter. */
  readonly rollingMs?: number;
  /** Of the display when it shines (see `shine`): light on a white surface at 0.8 m, as a part of what the room gives. Default 0. */
  readonly displayLight?: number;
  /** Shared between scenes, so that each head is built once. */
  readonly maker?: FigureMaker;
}

/** Somebody comes. What is left out is drawn from the scene's seed and the id. */
export interface Appearance {
  readonly id: string;
  readonly actor: string;
  readonly as: Species;
  readonly enterMs: number;
  readonly leaveMs?: number | undefined;
  readonly from?: "left" | "right" | undefined;
  readonly standM?: number | undefined;
  readonly besideM?: number | undefined;
}

/**
 * Who is before the camera and what the display asked of them. Pictures are a pure function of the seed, of what was put
 * into the scene and of the time: rendering a moment twice, or out of order, gives the same pixels.
 */
export class Scene {
  readonly optics: Optics;
  readonly room: Uint8Array;
  readonly sensor: Sensor;
  readonly backlight: number;
  readonly rollingMs: number;
  readonly displayLight: number;
  readonly #seed: number;
  readonly #cast: Cast;
  readonly #maker: FigureMaker;
  readonly #figures = new Map<string, Figure>();
  #history: Prompting[] = [];
  #shining: Shining[] = [];

  constructor(cast: Cast, options: SceneOptions) {
    const { width, height, seed } = options;
    this.optics = opticsOf(width, height);
    this.room = paintRoom({ width, height, seed });
    this.sensor = new Sensor({ seed, exposure: options.exposure ?? 1, noise: options.noise ?? 1.6 });
    this.backlight = options.backlight ?? 0;
    this.rollingMs = options.rollingMs ?? 0;
    this.displayLight = options.displayLight ?? 0;
    this.#seed = seed;
    this.#cast = cast;
    this.#maker = options.maker ?? new FigureMaker();
  }

  get history(): readonly Prompting[] {
    return this.#history;
  }

  get figures(): readonly Figure[] {
    return [...this.#figures.values()];
  }

  /** Throws `LINTEL_E_NOT_FOUND` for an unknown actor. An id that is there already is replaced. */
  add(appearance: Appearance): void {
    const actor = actorNamed(this.#cast, appearance.actor);
    const random = randomFor(this.#seed, `${appearance.id}/visit`);
    const visit: Visit = {
      id: appearance.id,
      enterMs: appearance.enterMs,
      leaveMs: appearance.leaveMs,
      from: appearance.from ?? (random() < 0.5 ? "left" : "right"),
      standM: appearance.standM ?? between(random, 0.74, 0.84),
      besideM: appearance.besideM ?? between(random, -0.05, 0.05),
    };
    this.#figures.set(visit.id, this.#maker.make(actor, appearance.as, { seed: this.#seed, visit }));
  }

  /** Sends somebody away. False when nobody of that id is there, or they are leaving already. */
  leave(id: string, atMs: number): boolean {
    const visit = this.#figures.get(id)?.visit;
    if (!visit || (visit.leaveMs !== undefined && visit.leaveMs <= atMs)) return false;
    visit.leaveMs = atMs;
    return true;
  }

  /** Everybody is gone at once, and nothing is asked any more. */
  clear(atMs: number): void {
    this.#figures.clear();
    this.#history = [];
    this.ask(null, atMs);
  }

  /** What the display asks for from now on; null: nothing. Times must not go back. */
  ask(prompt: Prompt | null, atMs: number): void {
    if (this.#history.at(-1)?.prompt === prompt) return;
    this.#history.push({ atMs, prompt });
  }

  /** The display fades to a colour, or to none. Times must not go back. */
  shine(colour: Shining["colour"], atMs: number): void {
    this.#shining.push({ atMs, colour });
  }

  /** Red, green and blue that the display adds at a time; null when it does not shine. */
  lightAt(tMs: number): readonly number[] | null {
    if (this.displayLight === 0 || this.#shining.length === 0) return null;
    const light = lightAt(this.#shining, tMs).map((value) => value * this.displayLight);
    return light.some((value) => value > 0) ? light : null;
  }

  /** What each pixel of a picture with these figures makes of the display's light. */
  answersAt(tMs: number, rgb: Uint8Array): Float32Array {
    const { width, height } = this.optics;
    const map = new LightMap(width, height);
    const drawn = new Uint8Array(width * height);
    for (let n = 0, i = 0; n < drawn.length; n++, i += 3) {
      const isRoom = rgb[i] === this.room[i] && rgb[i + 1] === this.room[i + 1] && rgb[i + 2] === this.room[i + 2];
      if (!isRoom) drawn[n] = 1;
    }
    const at = { optics: this.optics, tMs, history: this.#history, isDrawn: (pixel: number) => drawn[pixel] === 1 };
    for (const figure of this.#inOrder(tMs)) figure.light(map, at);
    for (let n = 0; n < drawn.length; n++) if (drawn[n] === 0) map.answers[n] = map.wall;
    return map.answers;
  }

  /** Everybody who is in the scene at a time, the nearest last. */
  presentAt(tMs: number): readonly string[] {
    return this.#inOrder(tMs).map((figure) => figure.visit.id);
  }

  /** Forgets those who have left for good, and with the last of them what the display asked. */
  tidy(nowMs: number): void {
    for (const [id, { visit }] of this.#figures) {
      if (visit.leaveMs !== undefined && nowMs > visit.leaveMs + walkOutMs) this.#figures.delete(id);
    }
    if (this.#figures.size === 0) this.#history = this.#history.slice(-1);
  }

  /** Draws everybody, the farthest first, on an empty room. `topRow`: which row of the picture is the canvas's first. */
  drawFigures(canvas: Canvas, tMs: number, topRow = 0): void {
    const optics = topRow === 0 ? this.optics : { ...this.optics, centreY: this.optics.centreY - topRow };
    const at = { optics, tMs, history: this.#history };
    for (const figure of this.#inOrder(tMs)) figure.draw(canvas, at);
  }

  #inOrder(tMs: number): readonly Figure[] {
    return [...this.#figures.values()]
      .map((figure) => ({ figure, distanceM: figure.distanceM(tMs, this.#history) }))
      .filter((entry): entry is { figure: Figure; distanceM: number } => entry.distanceM !== null)
      .sort((a, b) => b.distanceM - a.distanceM)
      .map((entry) => entry.figure);
  }
}

/** Renders the scene at a time in milliseconds into `out`: width * height * 3 bytes, rgb24. */
export function renderScene(scene: Scene, tMs: number, out: Uint8Array): void {
  const { width, height } = scene.optics;
  if (out.length !== width * height * 3) throw new RangeError(`a frame of ${width} x ${height} has another length`);
  out.set(scene.room);
  if (scene.rollingMs > 0) drawRolling(scene, tMs, out);
  else scene.drawFigures({ rgb: out, width, height }, tMs);
  const light = scene.lightAt(tMs);
  const answers = light && scene.answersAt(tMs, out);
  if (scene.backlight > 0) lightFromBehind(out, scene.room, scene.backlight);
  if (light && answers) shineOn(out, answers, light);
  scene.sensor.expose(out, tMs);
}

// --- internal ---

/** Rows that are exposed together: what moves between them is a fraction of a pixel. */
const rollingBands = 8;

/** A rolling shutter: each band of rows shows a slightly later moment than the one above it. */
function drawRolling(scene: Scene, tMs: number, out: Uint8Array): void {
  const { width, height } = scene.optics;
  for (let n = 0; n < rollingBands; n++) {
    const top = Math.round((n * height) / rollingBands);
    const bottom = Math.round(((n + 1) * height) / rollingBands);
    const rgb = out.subarray(top * width * 3, bottom * width * 3);
    const laterMs = (scene.rollingMs * n) / rollingBands;
    scene.drawFigures({ rgb, width, height: bottom - top }, tMs + laterMs, top);
  }
}

/** Brightens what is still the empty room, and darkens whatever is before it; stray light lifts the blacks. */
function lightFromBehind(rgb: Uint8Array, room: Uint8Array, backlight: number): void {
  const bright = 1 + 0.45 * backlight;
  const dim = 1 - 0.6 * backlight;
  const haze = 14 * backlight;
  for (let i = 0; i < rgb.length; i += 3) {
    const isRoom = rgb[i] === room[i] && rgb[i + 1] === room[i + 1] && rgb[i + 2] === room[i + 2];
    const gain = isRoom ? bright : dim;
    for (let c = i; c < i + 3; c++) rgb[c] = Math.min(255, rgb[c]! * gain + haze);
  }
}
