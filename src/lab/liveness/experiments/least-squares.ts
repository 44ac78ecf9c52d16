/** Ordinary least squares by the normal equations and Cholesky; `residual` is the root mean square of what is left. */
export function leastSquares(
  rows: readonly Float64Array[],
  targets: ArrayLike<number>,
): { readonly solution: Float64Array; readonly residual: number } {
  const n = rows[0]?.length ?? 0;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  rows.forEach((row, k) => {
    for (let r = 0; r < n; r++) {
      if (row[r] === 0) continue;
      right[r] = right[r]! + row[r]! * targets[k]!;
      for (let c = 0; c <= r; c++) matrix[r * n + c] = matrix[r * n + c]! + row[r]! * row[c]!;
    }
  });
  const solution = solvePositive(matrix, right);
  const squares = rows.reduce((sum, row, k) => {
    let value = -targets[k]!;
    for (let c = 0; c < n; c++) value += row[c]! * solution[c]!;
    return sum + value * value;
  }, 0);
  return { solution, residual: Math.sqrt(squares / Math.max(1, rows.length)) };
}

/** Solves a symmetric, positive system of which the lower half is given; a little is added to the diagonal, lest it be singular. */
export function solvePositive(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const factor = Float64Array.from(matrix);
  for (let r = 0; r < n; r++) factor[r * n + r] = factor[r * n + r]! + 1e-9;
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++) {
      let sum = factor[r * n + c]!;
      for (let k = 0; k < c; k++) sum -= factor[r * n + k]! * factor[c * n + k]!;
      factor[r * n + c] = r === c ? Math.sqrt(Math.max(sum, 1e-12)) : sum / factor[c * n + c]!;
    }
  }
  const x = Float64Array.from(right);
  for (let r = 0; r < n; r++) {
    for (let k = 0; k < r; k++) x[r] = x[r]! - factor[r * n + k]! * x[k]!;
    x[r] = x[r]! / factor[r * n + r]!;
  }
  for (let r = n - 1; r >= 0; r--) {
    for (let k = r + 1; k < n; k++) x[r] = x[r]! - factor[k * n + r]! * x[k]!;
    x[r] = x[r]! / factor[r * n + r]!;
  }
  return x;
}
