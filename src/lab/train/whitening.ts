import type { Layer } from "../../pipeline/matching/trained.ts";
import { placesByLabel } from "./batches.ts";
import type { Samples } from "./samples.ts";

/** How much of the mean variance is added to every direction, so that few pictures do not make a direction look certain. */
const shrinkage = 1;
/** Length of the constant that is added before the vectors are brought to length one, in typical lengths: at 2 distances keep their order. */
const offsetLength = 2;

/**
 * Where an adapter starts: within-class covariance normalisation (Hatch, Kajarekar and Stolcke 2006), which stretches the directions in
 * which pictures of one person agree. The bias centres the vectors and adds a constant along the least used direction: without it
 * length one would throw away how far a vector lies from the middle.
 */
export function whitening(samples: Samples): Layer {
  const { dimension: d } = samples;
  const within = withinCovariance(samples);
  let trace = 0;
  for (let i = 0; i < d; i++) trace += within[i * d + i]!;
  for (let i = 0; i < d; i++) within[i * d + i] = within[i * d + i]! + (shrinkage * trace) / d;
  // inverse(L) whitens; as rows times a matrix that is its transpose.
  const matrix = transposed(inverseOfLower(cholesky(within, d), d), d);
  return { matrix, bias: biasFor(samples, matrix) };
}

/** The lower triangle L of a positive definite matrix, L times its transpose. Throws a RangeError for any other matrix. */
export function cholesky(matrix: Float64Array, d: number): Float64Array {
  const lower = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * d + k]! * lower[j * d + k]!;
      if (i === j && !(sum > 0)) throw new RangeError("the matrix is not positive definite");
      lower[i * d + j] = i === j ? Math.sqrt(sum) : sum / lower[j * d + j]!;
    }
  }
  return lower;
}

export function inverseOfLower(lower: Float64Array, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let column = 0; column < d; column++) {
    for (let i = column; i < d; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= lower[i * d + k]! * inverse[k * d + column]!;
      inverse[i * d + column] = sum / lower[i * d + i]!;
    }
  }
  return inverse;
}

// --- internal ---

/** The mean over people of the covariance of their vectors. */
function withinCovariance({ rows, dimension: d, labels }: Samples): Float64Array {
  const within = new Float64Array(d * d);
  const people = placesByLabel(labels).filter((places) => places.length >= 2);
  for (const places of people) {
    const mean = meanOf(rows, d, places);
    for (const place of places) {
      const off = Float64Array.from({ length: d }, (_, i) => rows[place * d + i]! - mean[i]!);
      const share = 1 / (places.length * people.length);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) within[i * d + j] = within[i * d + j]! + off[i]! * off[j]! * share;
      }
    }
  }
  return within;
}

function meanOf(rows: Float32Array, d: number, places: readonly number[]): Float64Array {
  const mean = new Float64Array(d);
  for (const place of places) {
    for (let i = 0; i < d; i++) mean[i] = mean[i]! + rows[place * d + i]! / places.length;
  }
  return mean;
}

function biasFor({ rows, dimension: d, labels }: Samples, matrix: Float32Array): Float32Array {
  const white = new Float32Array(rows.length);
  labels.forEach((_, place) => {
    for (let i = 0; i < d; i++) {
      const value = rows[place * d + i]!;
      for (let o = 0; o < d; o++) white[place * d + o] = white[place * d + o]! + value * matrix[i * d + o]!;
    }
  });
  const all = labels.map((_, place) => place);
  const mean = meanOf(white, d, all);
  const variance = new Float64Array(d);
  for (const place of all) {
    for (let i = 0; i < d; i++) variance[i] = variance[i]! + (white[place * d + i]! - mean[i]!) ** 2 / all.length;
  }
  const bias = Float32Array.from(mean, (value) => -value);
  const least = variance.indexOf(Math.min(...variance));
  const typical = Math.sqrt(variance.reduce((sum, value) => sum + value, 0));
  bias[least] = bias[least]! + offsetLength * typical;
  return bias;
}

function transposed(matrix: Float64Array, d: number): Float32Array {
  return Float32Array.from({ length: d * d }, (_, place) => matrix[(place % d) * d + Math.floor(place / d)]!);
}
