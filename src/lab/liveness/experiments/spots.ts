/** Pixels that hang together. Lengths are in units of `perUnit` pixels, from the middle of the square. */
export interface Spot {
  /** Its middle. */
  readonly x: number;
  readonly y: number;
  readonly area: number;
  /** Part of it for which `isOwn` holds. */
  readonly own: number;
}

interface Square {
  readonly side: number;
  readonly perUnit: number;
  isOwn(x: number, y: number): boolean;
}

/** The four-connected regions of a square mask (row by row, not 0: set). */
export function spotsOf(mask: Uint8Array, { side, perUnit, isOwn }: Square): Spot[] {
  const isDone = new Uint8Array(mask.length);
  const spots: Spot[] = [];
  for (let first = 0; first < mask.length; first++) {
    if (mask[first] === 0 || isDone[first] === 1) continue;
    const pixels = regionFrom(first, { mask, isDone, side });
    const places = pixels.map((i) => ({
      x: ((i % side) - side / 2) / perUnit,
      y: (Math.floor(i / side) - side / 2) / perUnit,
    }));
    const mean = (key: "x" | "y") => places.reduce((sum, place) => sum + place[key], 0) / places.length;
    const own = places.filter(({ x, y }) => isOwn(x, y)).length / places.length;
    spots.push({ x: mean("x"), y: mean("y"), area: places.length / perUnit ** 2, own });
  }
  return spots;
}

// --- internal ---

function regionFrom(first: number, on: { mask: Uint8Array; isDone: Uint8Array; side: number }): number[] {
  const { mask, isDone, side } = on;
  const region = [first];
  isDone[first] = 1;
  for (let n = 0; n < region.length; n++) {
    const i = region[n]!;
    const x = i % side;
    for (const next of [x > 0 ? i - 1 : -1, x < side - 1 ? i + 1 : -1, i - side, i + side]) {
      if (next < 0 || next >= mask.length || mask[next] === 0 || isDone[next] === 1) continue;
      isDone[next] = 1;
      region.push(next);
    }
  }
  return region;
}
