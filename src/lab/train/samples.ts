import { createHash } from "node:crypto";

/** Samples as rows of one matrix. */
export interface Samples {
  readonly rows: Float32Array;
  readonly dimension: number;
  /** 0, 1, 2 ... for each row: whose it is. */
  readonly labels: readonly number[];
}

/** The rows at these places, one after the other. */
export function rowsAt({ rows, dimension }: Samples, places: readonly number[]): Float32Array {
  const picked = new Float32Array(places.length * dimension);
  for (const [i, place] of places.entries()) {
    picked.set(rows.subarray(place * dimension, (place + 1) * dimension), i * dimension);
  }
  return picked;
}

export function samplesWhere(samples: Samples, isWanted: (label: number, place: number) => boolean): Samples {
  const places = samples.labels.flatMap((label, place) => (isWanted(label, place) ? [place] : []));
  return {
    rows: rowsAt(samples, places),
    dimension: samples.dimension,
    labels: places.map((place) => samples.labels[place]!),
  };
}

/** SHA-256 of all numbers and labels: the same for the same samples in the same order, and for no others. */
export function digestOf({ rows, dimension, labels }: Samples): string {
  return createHash("sha256")
    .update(JSON.stringify({ dimension, labels }))
    .update(Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength))
    .digest("hex");
}
