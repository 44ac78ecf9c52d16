/** Columns summed before the running sum is compared with the runner-up: 32 was the fastest of 16, 32 and 64. */
export const blockColumns = 32;

/** Rows of one length after each other, and whose each is. */
export interface Rows {
  readonly vectors: Float32Array;
  /** A number for each person. */
  readonly personOfRow: Int32Array;
}

/** The nearest row, and the nearest of another person; -1 where there is none. */
export interface NearestTwo {
  readonly firstRow: number;
  readonly firstSquared: number;
  readonly secondRow: number;
  readonly secondSquared: number;
}

/**
 * One pass over some rows, given in rising order. A row whose running sum reaches the runner-up's can change nothing and is left early; of
 * two equally near ones the earlier counts.
 */
export function nearestTwo(
  { vectors, personOfRow }: Rows,
  { probe, rows }: { probe: Float32Array; rows: readonly number[] },
): NearestTwo {
  let firstRow = -1;
  let firstPerson = -1;
  let firstSquared = Number.POSITIVE_INFINITY;
  let secondRow = -1;
  let secondSquared = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const squared = squaredWithin(vectors, { row, probe, limit: secondSquared });
    if (squared >= secondSquared) continue;
    const person = personOfRow[row]!;
    if (squared < firstSquared) {
      if (person !== firstPerson) {
        secondRow = firstRow;
        secondSquared = firstSquared;
      }
      firstRow = row;
      firstPerson = person;
      firstSquared = squared;
    } else if (person !== firstPerson) {
      secondRow = row;
      secondSquared = squared;
    }
  }
  return { firstRow, firstSquared, secondRow, secondSquared };
}

/**
 * The squared distance of a row to the probe, or something that is not below `limit` once that is reached. Four sums run side by side,
 * because one alone would wait for each addition in turn.
 */
export function squaredWithin(
  vectors: Float32Array,
  { row, probe, limit }: { row: number; probe: Float32Array; limit: number },
): number {
  const columns = probe.length;
  const offset = row * columns;
  let squared = 0;
  for (let column = 0; column < columns && squared < limit; ) {
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (const end = column + blockColumns; column < end; column += 4) {
      const a = vectors[offset + column]! - probe[column]!;
      const b = vectors[offset + column + 1]! - probe[column + 1]!;
      const c = vectors[offset + column + 2]! - probe[column + 2]!;
      const d = vectors[offset + column + 3]! - probe[column + 3]!;
      sumA += a * a;
      sumB += b * b;
      sumC += c * c;
      sumD += d * d;
    }
    squared += sumA + sumB + (sumC + sumD);
  }
  return squared;
}
