/** Point sets are flat: x0, y0, x1, y1, … */

const unknowns = 8;
const columns = unknowns + 1;

/**
 * Root mean square distance, over all points, between `to` and the best projective image of `from` (direct linear
 * transformation with the last entry fixed to one; Hartley and Zisserman 2004, section 4.1). Everything that lies in one plane
 * has such an image without residual, whatever the camera and the plane do. Both sets should be centred and about of size one.
 * Infinite when the points determine no map.
 */
export function homographyResidual(from: Float32Array, to: Float32Array): number {
  const map = solve(normalEquations(from, to));
  if (map === null) return Number.POSITIVE_INFINITY;
  const [a, b, c, d, e, f, g, h] = map as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let squared = 0;
  for (let i = 0; i < from.length; i += 2) {
    const x = from[i]!;
    const y = from[i + 1]!;
    const w = g * x + h * y + 1;
    const dx = (a * x + b * y + c) / w - to[i]!;
    const dy = (d * x + e * y + f) / w - to[i + 1]!;
    squared += dx * dx + dy * dy;
  }
  return Math.sqrt(squared / (from.length / 2));
}

/** Root mean square distance between two point sets. */
export function rmsDistance(p: Float32Array, q: Float32Array): number {
  let squared = 0;
  for (let i = 0; i < p.length; i++) {
    const d = p[i]! - q[i]!;
    squared += d * d;
  }
  return Math.sqrt(squared / (p.length / 2));
}

// --- internal ---

/** Sums of the products that the least squares need; rows of u and v share the block of (x, y, 1). */
function normalEquations(from: Float32Array, to: Float32Array): Float64Array {
  const m = new Float64Array(unknowns * columns);
  const row = new Float64Array(columns);
  for (let i = 0; i < from.length; i += 2) {
    const x = from[i]!;
    const y = from[i + 1]!;
    for (let axis = 0; axis < 2; axis++) {
      const target = to[i + axis]!;
      row.fill(0);
      row[axis * 3] = x;
      row[axis * 3 + 1] = y;
      row[axis * 3 + 2] = 1;
      row[6] = -target * x;
      row[7] = -target * y;
      row[8] = target;
      accumulate(m, row);
    }
  }
  for (let r = 1; r < unknowns; r++) for (let c = 0; c < r; c++) m[r * columns + c] = m[c * columns + r]!;
  return m;
}

function accumulate(m: Float64Array, row: Float64Array): void {
  for (let r = 0; r < unknowns; r++) {
    const factor = row[r]!;
    if (factor === 0) continue;
    for (let c = r; c < columns; c++) m[r * columns + c] = m[r * columns + c]! + factor * row[c]!;
  }
}

/** Gauss-Jordan with partial pivoting; null when singular. */
function solve(m: Float64Array): Float64Array | null {
  for (let i = 0; i < unknowns; i++) {
    const pivot = pivotRow(m, i);
    if (!(Math.abs(m[pivot * columns + i]!) > 1e-12)) return null;
    if (pivot !== i) swapRows(m, pivot, i);
    for (let r = 0; r < unknowns; r++) {
      if (r === i) continue;
      const factor = m[r * columns + i]! / m[i * columns + i]!;
      if (factor === 0) continue;
      for (let c = i; c < columns; c++) m[r * columns + c] = m[r * columns + c]! - factor * m[i * columns + c]!;
    }
  }
  return Float64Array.from({ length: unknowns }, (_, i) => m[i * columns + unknowns]! / m[i * columns + i]!);
}

function pivotRow(m: Float64Array, column: number): number {
  let pivot = column;
  for (let r = column + 1; r < unknowns; r++) {
    if (Math.abs(m[r * columns + column]!) > Math.abs(m[pivot * columns + column]!)) pivot = r;
  }
  return pivot;
}

function swapRows(m: Float64Array, p: number, q: number): void {
  for (let c = 0; c < columns; c++) {
    const held = m[p * columns + c]!;
    m[p * columns + c] = m[q * columns + c]!;
    m[q * columns + c] = held;
  }
}
