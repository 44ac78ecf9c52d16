import type { FaceMesh } from "../../src/pipeline/types.ts";

/**
 * How badly the best homography explains the way from one mesh to another: the root mean square residual of every third
 * point in eye distances, after bringing the eyes to the same place and scale. A flat thing moves without residual.
 */
export function homographyResidual(from: FaceMesh, to: FaceMesh): number {
  const [a, b] = [levelled(from), levelled(to)];
  const h = bestHomography(a, b);
  let sum = 0;
  a.forEach(([x, y], n) => {
    const w = h[6]! * x + h[7]! * y + 1;
    const [u, v] = b[n]!;
    sum += ((h[0]! * x + h[1]! * y + h[2]!) / w - u) ** 2 + ((h[3]! * x + h[4]! * y + h[5]!) / w - v) ** 2;
  });
  return Math.sqrt(sum / a.length);
}

type Pair = readonly [number, number];

function levelled({ points }: FaceMesh): Pair[] {
  const [right, left] = [33, 263].map((i) => [points[3 * i]!, points[3 * i + 1]!] as const);
  const [cx, cy] = [(right![0] + left![0]) / 2, (right![1] + left![1]) / 2];
  const scale = Math.hypot(right![0] - left![0], right![1] - left![1]);
  return Array.from({ length: 156 }, (_, n) => [(points[9 * n]! - cx) / scale, (points[9 * n + 1]! - cy) / scale]);
}

/** The eight numbers of the homography by linear least squares (the normal equations of the direct linear transform). */
function bestHomography(a: readonly Pair[], b: readonly Pair[]): Float64Array {
  const rows = Array.from({ length: 8 }, () => new Float64Array(9));
  a.forEach(([x, y], n) => {
    const [u, v] = b[n]!;
    for (const r of [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ]) {
      for (let i = 0; i < 8; i++) for (let j = 0; j < 9; j++) rows[i]![j]! += r[i]! * r[j]!;
    }
  });
  return solve(rows);
}

/** Gauss and Jordan with pivoting; each row holds its right side last. */
function solve(rows: Float64Array[]): Float64Array {
  for (let i = 0; i < rows.length; i++) {
    let pivot = i;
    for (let r = i + 1; r < rows.length; r++) if (Math.abs(rows[r]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let r = 0; r < rows.length; r++) {
      if (r === i) continue;
      const factor = rows[r]![i]! / rows[i]![i]!;
      for (let c = i; c < 9; c++) rows[r]![c]! -= factor * rows[i]![c]!;
    }
  }
  return Float64Array.from(rows, (row, i) => row[8]! / row[i]!);
}
