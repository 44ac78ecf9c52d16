import { placesOf } from "../features.ts";
import type { CanvasSize } from "../graph/forward.ts";
import type { FeatureNetwork } from "../networks/feature-network.ts";
import { cropPlanes, scaledBox } from "./planes-part.ts";
import type { Box, Window } from "./windows.ts";

/** How much each pixel of a canvas counts, 0 to 1; undefined: all alike. */
export type RegionMask = Float32Array | undefined;

/** Pixels across one place of a layer. */
export function strideOf(network: FeatureNetwork, layer: string): number {
  return Math.round(1 / Math.sqrt(placesOf(network, layer, { width: 1, height: 1 })));
}

/** A mask at the places of a layer: the mean over the pixels of each. */
export function maskAtStride(mask: Float32Array, canvas: CanvasSize, stride: number): Float32Array {
  const { width, height } = scaledBox({ left: 0, top: 0, ...canvas }, stride);
  const places = new Float32Array(width * height);
  for (let y = 0; y < canvas.height; y++) {
    const row = Math.floor(y / stride) * width;
    for (let x = 0; x < canvas.width; x++) {
      places[row + Math.floor(x / stride)]! += mask[y * canvas.width + x]! / stride ** 2;
    }
  }
  return places;
}

/** The masks of a region for all windows of a canvas, at one layer. */
export class LayerMask {
  readonly #canvas: CanvasSize;
  readonly #stride: number;
  readonly #places: Float32Array | undefined;
  /** The sum of the squares of the mask over all places, by which Gram matrices are divided. */
  readonly squares: number;

  constructor(mask: RegionMask, { canvas, stride }: { canvas: CanvasSize; stride: number }) {
    this.#canvas = scaledBox({ left: 0, top: 0, ...canvas }, stride);
    this.#stride = stride;
    this.#places = mask === undefined ? undefined : maskAtStride(mask, canvas, stride);
    const { width, height } = this.#canvas;
    this.squares = this.#places === undefined ? width * height : squareSumOf(this.#places);
  }

  /** For a window: zero outside of its own part. */
  in(window: Window): Float32Array {
    const box = scaledBox(window, this.#stride);
    const own = scaledBox(window.own, this.#stride);
    const inside = { ...own, left: own.left - box.left, top: own.top - box.top };
    if (this.#places === undefined) return onlyInside(new Float32Array(box.width * box.height).fill(1), box, inside);
    return onlyInside(cropPlanes(this.#places, this.#canvas, box), box, inside);
  }
}

// --- internal ---

function onlyInside(places: Float32Array, { width, height }: CanvasSize, inside: Box): Float32Array {
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const isRowInside = y >= inside.top && y < inside.top + inside.height;
    places.fill(0, row, row + (isRowInside ? inside.left : width));
    if (isRowInside) places.fill(0, row + inside.left + inside.width, row + width);
  }
  return places;
}

function squareSumOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum;
}
