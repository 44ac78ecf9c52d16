import type { Canvas, Patch, Rows } from "./raster.ts";

/** A pixel's sample reaches to its neighbours. */
const marginPx = 1;
const marginTexels = 2;

/** Rows of its texture that a patch may show on a canvas: whoever paints a moving texture need not paint the others. */
export function rowsSeen(canvas: Canvas, patch: Pick<Patch, "screen" | "texture" | "triangles">): Rows {
  const { screen, texture, triangles } = patch;
  const borders = [-marginPx, canvas.height + marginPx] as const;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const see = (v: number) => {
    first = Math.min(first, v);
    last = Math.max(last, v);
  };
  for (let n = 0; n < triangles.length; n++) {
    const from = triangles[n]!;
    const to = triangles[n % 3 === 2 ? n - 2 : n + 1]!;
    const fromY = screen[2 * from + 1]!;
    const toY = screen[2 * to + 1]!;
    const fromV = texture[2 * from + 1]!;
    const toV = texture[2 * to + 1]!;
    if (fromY >= borders[0] && fromY <= borders[1]) see(fromV);
    for (const border of borders) {
      // Along an edge the place in the texture changes evenly.
      if (fromY < border !== toY < border) see(fromV + ((toV - fromV) * (border - fromY)) / (toY - fromY));
    }
  }
  if (first > last) return { top: 0, bottom: 0 };
  return { top: Math.floor(first) - marginTexels, bottom: Math.ceil(last) + marginTexels };
}
