/** For each target pixel along one axis: the first picture pixel under it, how many, and their shares in 1/256. */
export interface AreaWeights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly start: Int32Array;
  readonly shares: Int32Array;
}

/** The picture under target pixel `i` reaches from `offset + i * scale` to `offset + (i + 1) * scale`; `scale` is above 1. */
export function areaWeights(axis: { source: number; target: number; offset: number; scale: number }): AreaWeights {
  const { source, target, offset, scale } = axis;
  const first = new Int32Array(target);
  const count = new Int32Array(target);
  const start = new Int32Array(target);
  const shares: number[] = [];
  for (let i = 0; i < target; i++) {
    const low = offset + i * scale;
    const high = low + scale;
    const from = Math.max(0, Math.floor(low));
    const to = Math.min(source, Math.ceil(high - 1e-9));
    start[i] = shares.length;
    if (to <= from) continue;
    first[i] = from;
    count[i] = to - from;
    // Rounded running sums, not rounded shares: the shares of a fully covered pixel then add up to exactly 256.
    let sum = 0;
    for (let p = from; p < to; p++) {
      const before = Math.round((sum / scale) * 256);
      sum += Math.min(high, p + 1) - Math.max(low, p);
      shares.push(Math.round((sum / scale) * 256) - before);
    }
  }
  return { first, count, start, shares: Int32Array.from(shares) };
}

/** The most picture pixels that lie under one target pixel. */
export function mostTaps({ count }: AreaWeights): number {
  return count.reduce((most, taps) => Math.max(most, taps), 0);
}
