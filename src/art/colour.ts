import type { Picture } from "./picture.ts";

/** Rec. 601 luma: how bright a colour looks. */
const luma = [0.299, 0.587, 0.114] as const;

/** A grey picture of the style whose brightness has the mean and spread of the content's. */
export function greyLike(style: Picture, content: Picture): Picture {
  const [own, wanted] = [lumaOf(style), lumaOf(content)];
  const gain = spread(wanted) / (spread(own) || 1);
  const [ownMean, wantedMean] = [mean(own), mean(wanted)];
  const rgb = new Uint8Array(style.rgb.length);
  for (let i = 0; i < own.length; i++) {
    const value = clampByte((own[i]! - ownMean) * gain + wantedMean);
    rgb.fill(value, 3 * i, 3 * i + 3);
  }
  return { ...style, rgb };
}

/** The brightness of the painting with the colours of the content, a picture of the same size. */
export function withColoursOf(painting: Picture, content: Picture): Picture {
  const [own, other] = [lumaOf(painting), lumaOf(content)];
  const rgb = content.rgb.map((value, i) => {
    const pixel = Math.floor(i / 3);
    return clampByte(value + own[pixel]! - other[pixel]!);
  });
  return { ...painting, rgb };
}

/**
 * The style recoloured by an affine map, so that its colours have the mean and the covariance of the content's (Gatys, Bethge, Hertzmann,
 * Shechtman 2016, arXiv:1606.05897; the symmetric root of the covariances).
 */
export function colouredLike(style: Picture, content: Picture): Picture {
  const [own, wanted] = [colourStatistics(style), colourStatistics(content)];
  const map = multiply(symmetricPower(wanted.covariance, 0.5), symmetricPower(own.covariance, -0.5));
  const rgb = new Uint8Array(style.rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      let value = wanted.mean[c]!;
      for (let k = 0; k < 3; k++) value += map[3 * c + k]! * (style.rgb[i + k]! - own.mean[k]!);
      rgb[i + c] = clampByte(value);
    }
  }
  return { ...style, rgb };
}

/** How bright each pixel looks, 0 to 255. */
export function lumaOf({ rgb }: Picture): Float32Array {
  const values = new Float32Array(rgb.length / 3);
  for (let i = 0; i < values.length; i++) {
    values[i] = luma[0] * rgb[3 * i]! + luma[1] * rgb[3 * i + 1]! + luma[2] * rgb[3 * i + 2]!;
  }
  return values;
}

// --- internal ---

/** 3 x 3, row by row. */
type Matrix = readonly number[];

/** Colours of a flat picture vary in no direction: this keeps the inverse root finite (grey levels squared). */
const leastVariance = 1;

function colourStatistics({ rgb }: Picture): { mean: number[]; covariance: Matrix } {
  const count = rgb.length / 3;
  const means = [0, 0, 0];
  for (let i = 0; i < rgb.length; i++) means[i % 3]! += rgb[i]! / count;
  const covariance = new Array<number>(9).fill(0);
  for (let i = 0; i < rgb.length; i += 3) {
    for (let entry = 0; entry < 9; entry++) {
      const [row, column] = [Math.floor(entry / 3), entry % 3];
      covariance[entry]! += ((rgb[i + row]! - means[row]!) * (rgb[i + column]! - means[column]!)) / count;
    }
  }
  for (const diagonal of [0, 4, 8]) covariance[diagonal]! += leastVariance;
  return { mean: means, covariance };
}

/** A power of a symmetric positive matrix, through its eigenvalues (Jacobi's rotations). */
export function symmetricPower(matrix: Matrix, power: number): Matrix {
  let values = [...matrix];
  let vectors: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (let sweep = 0; sweep < 12; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const turn = rotation(values, p, q);
      values = [...multiply(multiply(transposed(turn), values), turn)];
      vectors = multiply(vectors, turn);
    }
  }
  const powers = [0, 4, 8].map((diagonal) => Math.max(1e-12, values[diagonal]!) ** power);
  const scaled = vectors.map((value, i) => value * powers[i % 3]!);
  return multiply(scaled, transposed(vectors));
}

/** The turn in the plane of two axes that makes their common entry zero. */
function rotation(matrix: Matrix, p: number, q: number): Matrix {
  const turn = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const angle = 0.5 * Math.atan2(2 * matrix[3 * p + q]!, matrix[4 * p]! - matrix[4 * q]!);
  turn[4 * p] = Math.cos(angle);
  turn[4 * q] = Math.cos(angle);
  turn[3 * p + q] = -Math.sin(angle);
  turn[3 * q + p] = Math.sin(angle);
  return turn;
}

export function multiply(a: Matrix, b: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, entry) => {
    const [row, column] = [3 * Math.floor(entry / 3), entry % 3];
    return a[row]! * b[column]! + a[row + 1]! * b[3 + column]! + a[row + 2]! * b[6 + column]!;
  });
}

function transposed(matrix: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, entry) => matrix[3 * (entry % 3) + Math.floor(entry / 3)]!);
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(values: Float32Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
