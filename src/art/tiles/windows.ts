import { type CanvasSize, canvasStep, padsOf } from "../graph/forward.ts";
import type { ChainLayer } from "../networks/feature-network.ts";

export interface Box extends CanvasSize {
  readonly left: number;
  readonly top: number;
}

/** A part of a canvas that is looked at alone; all windows of a canvas have the same size. */
export interface Window extends Box {
  /** What of the canvas this window answers for: these parts do not overlap and make up the canvas. */
  readonly own: Box;
}

/**
 * How far beyond a part of a picture the layers look to say something about it, in pixels: a window with so much around its own part sees
 * there what it would see in the whole picture.
 */
export function reachOf(layers: readonly ChainLayer[]): number {
  let [before, after, stride, reach] = [0, 0, 1, 0];
  for (const layer of layers) {
    const [first] = layer.kind === "pooling" ? [0] : padsOf(layer);
    const last = (layer.kind === "pooling" ? 2 : layer.kernelSize) - 1 - first;
    before += first * stride;
    after += last * stride;
    stride *= layer.kind === "pooling" ? 2 : layer.stride;
    reach = Math.max(reach, before, after - stride + 1);
  }
  return reach;
}

/**
 * Covers a canvas with windows of at most `maxPixels`, as few pixels in all as can be. Windows at an edge of the canvas end there, so
 * that what the layers pad is the same; all others see their reach beyond what they answer for.
 */
export function windowsOf(
  canvas: CanvasSize,
  { layers, maxPixels }: { readonly layers: readonly ChainLayer[]; readonly maxPixels: number },
): readonly Window[] {
  const step = canvasStep(layers);
  const margin = step * Math.ceil(reachOf(layers) / step);
  let best: { columns: Strips; rows: Strips; cost: number } | undefined;
  for (const columns of stripsOf(canvas.width, { step, margin })) {
    for (const rows of stripsOf(canvas.height, { step, margin })) {
      const pixels = columns.length * rows.length;
      const cost = pixels * columns.count * rows.count;
      if (pixels <= maxPixels && (best === undefined || cost < best.cost)) best = { columns, rows, cost };
    }
  }
  if (best === undefined) throw new Error(`no window of ${maxPixels} pixels sees ${margin} pixels beyond its own`);
  const { columns, rows } = best;
  return Array.from({ length: rows.count }, (_, row) =>
    Array.from({ length: columns.count }, (_, column) => {
      const [across, down] = [stripAt(columns, column), stripAt(rows, row)];
      return {
        ...{ left: across.from, top: down.from, width: columns.length, height: rows.length },
        own: { left: across.own, top: down.own, width: across.ownLength, height: down.ownLength },
      };
    }),
  ).flat();
}

// --- internal ---

/** One side of a canvas cut into strips. */
interface Strips {
  readonly whole: number;
  readonly count: number;
  /** Of a window, and of what it answers for; the last one may answer for less. */
  readonly length: number;
  readonly own: number;
  readonly margin: number;
}

const maxStrips = 64;

function stripsOf(whole: number, { step, margin }: { step: number; margin: number }): Strips[] {
  const strips: Strips[] = [];
  for (let wanted = 1; wanted <= Math.min(maxStrips, Math.ceil(whole / step)); wanted++) {
    const own = step * Math.ceil(whole / step / wanted);
    const count = Math.ceil(whole / own);
    strips.push({ whole, own, margin, count, length: Math.min(whole, count === 1 ? whole : own + 2 * margin) });
  }
  return strips;
}

function stripAt({ whole, own, length, margin }: Strips, index: number) {
  const first = own * index;
  const from = Math.max(0, Math.min(first - margin, whole - length));
  return { from, own: first, ownLength: Math.min(own, whole - first) };
}
