import type { LightMap } from "./door-light.ts";
import type { Prompting, Visit } from "./motion.ts";
import type { Optics } from "./optics.ts";
import type { Canvas } from "./raster.ts";

/** Something that stands before the camera: a person, or somebody who holds something up. */
export interface Figure {
  readonly visit: Visit;
  /** Metres from the camera at a time, for the order of drawing; null when it is not in the scene. */
  distanceM(tMs: number, history: readonly Prompting[]): number | null;
  draw(canvas: Canvas, at: { optics: Optics; tMs: number; history: readonly Prompting[] }): void;
  /** What it makes of the display's light. `isDrawn`: a pixel shows no empty room. */
  light(map: LightMap, at: LitAt): void;
}

export interface LitAt {
  readonly optics: Optics;
  readonly tMs: number;
  readonly history: readonly Prompting[];
  isDrawn(pixel: number): boolean;
}
