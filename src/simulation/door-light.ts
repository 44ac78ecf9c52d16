import type { LightColour } from "../pipeline/liveness/light/colours.ts";
import { ease } from "./chance.ts";
import type { Optics } from "./optics.ts";
import type { Patch } from "./raster.ts";

/** The display as a lamp: which colour it fades to from a time on; null: none. In order of time. */
export interface Shining {
  readonly atMs: number;
  readonly colour: LightColour | "white" | null;
}

/** A soft fade, as on the page. */
export const fadeMs = 300;
/** Where `strength` is meant: light that falls straight on a white surface so far away, against that of the room. */
const referenceM = 0.8;
/** Two halves of a display below the camera. Metres to our right, down and away. */
const lamps = [
  [-0.15, 0.15, 0],
  [0.15, 0.15, 0],
] as const;

const none: readonly [number, number, number] = [0, 0, 0];

/** Red, green and blue of the display at a time, 0 to 1. */
export function lightAt(history: readonly Shining[], tMs: number): readonly [number, number, number] {
  const n = history.findLastIndex(({ atMs }) => atMs <= tMs);
  const now = history[n];
  if (!now) return none;
  const share = ease((tMs - now.atMs) / fadeMs);
  const [from, to] = [rgbOf(history[n - 1]?.colour ?? null), rgbOf(now.colour)];
  return [0, 1, 2].map((c) => from[c]! * (1 - share) + to[c]! * share) as [number, number, number];
}

/** What each place of the picture makes of the display's light, as a multiple of `strength`; with depths, so that near things hide far ones. */
export class LightMap {
  readonly width: number;
  readonly height: number;
  readonly answers: Float32Array;
  readonly #depth: Float32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.answers = new Float32Array(width * height);
    this.answers.fill(this.wall);
    this.#depth = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  }

  /** The answer of the empty room. */
  get wall(): number {
    return straight(wallM);
  }

  /** What is drawn there and has no shape of its own (clothes, hair) is so far away. */
  body(isBody: (pixel: number) => boolean, distanceM: number): void {
    // Wool is seldom seen straight on.
    const answer = 0.8 * straight(distanceM);
    for (let i = 0; i < this.answers.length; i++) if (isBody(i)) this.answers[i] = answer;
  }

  /** A surface that scatters evenly (Lambert 1760). `reflectance`: its answer against that of skin or paper. */
  surface(patch: Omit<Patch, "texture" | "texelsPerPixel">, optics: Optics, reflectance: number): void {
    const corners = lambert(patch, optics);
    const { triangles } = patch;
    for (let t = 0; t < triangles.length; t += 3) {
      this.#triangle(patch, corners, [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!], reflectance);
    }
  }

  #triangle(
    { screen, depth }: Pick<Patch, "screen" | "depth">,
    corners: Float32Array,
    [a, b, c]: readonly [number, number, number],
    reflectance: number,
  ): void {
    const [ax, ay] = [screen[2 * a]!, screen[2 * a + 1]!];
    const [bx, by] = [screen[2 * b]! - ax, screen[2 * b + 1]! - ay];
    const [cx, cy] = [screen[2 * c]! - ax, screen[2 * c + 1]! - ay];
    const area = bx * cy - by * cx;
    if (area <= 1e-6) return;
    const left = Math.max(0, Math.floor(ax + Math.min(0, bx, cx)));
    const right = Math.min(this.width - 1, Math.ceil(ax + Math.max(0, bx, cx)));
    const top = Math.max(0, Math.floor(ay + Math.min(0, by, cy)));
    const bottom = Math.min(this.height - 1, Math.ceil(ay + Math.max(0, by, cy)));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const px = x + 0.5 - ax;
        const py = y + 0.5 - ay;
        const wb = (px * cy - py * cx) / area;
        const wc = (py * bx - px * by) / area;
        if (wb < 0 || wc < 0 || wb + wc > 1) continue;
        const mix = (of: Float32Array) => of[a]! * (1 - wb - wc) + of[b]! * wb + of[c]! * wc;
        const z = mix(depth);
        const i = y * this.width + x;
        if (z >= this.#depth[i]!) continue;
        this.#depth[i] = z;
        this.answers[i] = reflectance * mix(corners);
      }
    }
  }
}

/** Adds the display's light to a finished picture: linear light grows by what each place answers. */
export function shineOn(rgb: Uint8Array, answers: Float32Array, light: readonly number[]): void {
  for (let c = 0; c < 3; c++) {
    const strength = light[c]!;
    if (strength === 0) continue;
    let answer = 0;
    let grown = 1;
    for (let i = 0; i < answers.length; i++) {
      // The wall and what somebody wears answer alike over many pixels.
      if (answers[i] !== answer) {
        answer = answers[i]!;
        grown = (1 + answer * strength) ** (1 / gamma);
      }
      rgb[3 * i + c] = Math.min(255, Math.round(rgb[3 * i + c]! * grown));
    }
  }
}

// --- internal ---

const gamma = 2.2;
const wallM = 2.8;

function rgbOf(colour: Shining["colour"]): readonly [number, number, number] {
  if (colour === "white") return [1, 1, 1];
  return [Number(colour === "red"), Number(colour === "green"), Number(colour === "blue")];
}

/** The answer of what looks straight at the display from so far. */
function straight(distanceM: number): number {
  return (referenceM / distanceM) ** 2;
}

/** For each point: the cosine between its normal and the way to each half of the display, weakened by the square of its length. */
function lambert({ screen, depth, triangles }: Pick<Patch, "screen" | "depth" | "triangles">, optics: Optics) {
  const places = Array.from(depth, (z, n) => [
    ((screen[2 * n]! - optics.centreX) * z) / optics.focalPx,
    ((screen[2 * n + 1]! - optics.centreY) * z) / optics.focalPx,
    z,
  ]);
  const normals = normalsOf(places, triangles);
  return Float32Array.from(places, (place, n) => {
    const normal = normals[n]!;
    const size = Math.hypot(...normal) || 1;
    const falling = lamps.map((lamp) => {
      const way = lamp.map((value, axis) => value - place[axis]!);
      const length = Math.hypot(...way) || 1;
      const cosine = way.reduce((sum, value, axis) => sum + value * normal[axis]!, 0) / (length * size);
      return Math.max(0, cosine) * straight(length);
    });
    return falling.reduce((sum, value) => sum + value, 0) / lamps.length;
  });
}

/** Sums of the normals of the triangles at each point, towards the camera, larger triangles counting more. */
function normalsOf(places: readonly (readonly number[])[], triangles: Uint32Array): number[][] {
  const normals = places.map(() => [0, 0, 0]);
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!];
    const [a, b, c] = corners.map((n) => places[n]!);
    const [u, v] = [b!, c!].map((end) => end.map((value, axis) => value - a![axis]!));
    const cross = [
      u![1]! * v![2]! - u![2]! * v![1]!,
      u![2]! * v![0]! - u![0]! * v![2]!,
      u![0]! * v![1]! - u![1]! * v![0]!,
    ];
    const sign = cross[2]! > 0 ? -1 : 1;
    for (const n of corners) for (let axis = 0; axis < 3; axis++) normals[n]![axis]! += sign * cross[axis]!;
  }
  return normals;
}
