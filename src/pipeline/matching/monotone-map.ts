/** A point of a piecewise linear map. */
export type Knot = readonly [from: number, to: number];

/**
 * A piecewise linear map through `knots`, which rise in both numbers; beyond the ends the first and the last line go on. Throws a
 * RangeError for knots that do not rise: the map must never change the order of two values.
 */
export function monotoneMap(knots: readonly Knot[]): (value: number) => number {
  const rises = knots.every(([from, to], i) => {
    const before = knots[i - 1];
    return Number.isFinite(from) && Number.isFinite(to) && (!before || (from > before[0] && to > before[1]));
  });
  if (knots.length < 2 || !rises) throw new RangeError("a monotone map needs two knots or more, each above the last");
  return (value) => {
    let i = 1;
    while (i < knots.length - 1 && value > knots[i]![0]) i++;
    const [fromA, toA] = knots[i - 1]!;
    const [fromB, toB] = knots[i]!;
    return toA + ((value - fromA) * (toB - toA)) / (fromB - fromA);
  };
}
