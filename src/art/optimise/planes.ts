import type { CanvasSize } from "../graph/forward.ts";
import type { Picture } from "../picture.ts";
import type { Planes } from "./adam.ts";

type Mean = readonly [red: number, green: number, blue: number];

/** Pixels as the network sees them: planes of `pixel - mean`. What lies beyond the picture continues its edge. */
export function toPlanes(picture: Picture, canvas: CanvasSize, mean: Mean): Planes {
  const { width, height } = canvas;
  const data = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++) {
    for (let y = 0, at = c * width * height; y < height; y++) {
      const row = Math.min(y, picture.height - 1) * picture.width;
      for (let x = 0; x < width; x++, at++) {
        data[at] = picture.rgb[3 * (row + Math.min(x, picture.width - 1)) + c]! - mean[c]!;
      }
    }
  }
  return { data, width, height };
}

/** The visible part of the planes, upper left, rounded to 8 bits. */
export function toPicture(planes: Planes, visible: CanvasSize, mean: Mean): Picture {
  const { width, height } = visible;
  const rgb = new Uint8Array(3 * width * height);
  const plane = planes.width * planes.height;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * planes.width + x;
      for (let c = 0; c < 3; c++, to++) {
        rgb[to] = Math.min(255, Math.max(0, Math.round(planes.data[c * plane + from]! + mean[c]!)));
      }
    }
  }
  return { rgb, width, height };
}

/**
 * Enlarges (or shrinks a little) by bilinear interpolation, so that the visible part of one size falls on that of the other; the rest of
 * the canvas goes along.
 */
export function resizePlanes(
  planes: Planes,
  visible: CanvasSize,
  to: { visible: CanvasSize; canvas: CanvasSize },
): Planes {
  const { width, height } = to.canvas;
  const data = new Float32Array(3 * width * height);
  const columns = interpolation({ source: planes.width, target: width, ratio: visible.width / to.visible.width });
  const rows = interpolation({ source: planes.height, target: height, ratio: visible.height / to.visible.height });
  for (let c = 0, at = 0; c < 3; c++) {
    const plane = c * planes.width * planes.height;
    for (let y = 0; y < height; y++) {
      const above = plane + rows.first[y]! * planes.width;
      const below = plane + rows.second[y]! * planes.width;
      const v = rows.share[y]!;
      for (let x = 0; x < width; x++, at++) {
        const left = columns.first[x]!;
        const right = columns.second[x]!;
        const u = columns.share[x]!;
        const upper = planes.data[above + left]! * (1 - u) + planes.data[above + right]! * u;
        const lower = planes.data[below + left]! * (1 - u) + planes.data[below + right]! * u;
        data[at] = upper * (1 - v) + lower * v;
      }
    }
  }
  return { data, width, height };
}

interface Interpolation {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Of the second. */
  readonly share: Float32Array;
}

/** For each place along the target: the two source places it lies between. */
function interpolation({ source, target, ratio }: { source: number; target: number; ratio: number }): Interpolation {
  const [first, second, share] = [new Int32Array(target), new Int32Array(target), new Float32Array(target)];
  for (let i = 0; i < target; i++) {
    const place = Math.min(source - 1, Math.max(0, (i + 0.5) * ratio - 0.5));
    first[i] = Math.floor(place);
    second[i] = Math.min(source - 1, first[i]! + 1);
    share[i] = place - first[i]!;
  }
  return { first, second, share };
}
