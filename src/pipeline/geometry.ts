import type { Box, FaceMesh, Point } from "./types.ts";

/**
 * A map from the pixels of a crop to those of the picture it is taken from:
 * `xPicture = a * x + b * y + c`, `yPicture = d * x + e * y + f`, where integers are pixel centres.
 */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** A square in the picture, possibly tilted and reaching over the border: what a crop network looks at. */
export interface Square {
  readonly centre: Point;
  /** Length of a side in pixels. */
  readonly size: number;
  /** Clockwise as we see it. */
  readonly rollRad: number;
}

export function apply(map: Affine, x: number, y: number): Point {
  return { x: map.a * x + map.b * y + map.c, y: map.d * x + map.e * y + map.f };
}

/** Lays a crop of `pixels` x `pixels` over a square of the picture. */
export function mapOfSquare(square: Square, pixels: number): Affine {
  const scale = square.size / pixels;
  const cos = Math.cos(square.rollRad) * scale;
  const sin = Math.sin(square.rollRad) * scale;
  const half = pixels / 2;
  const { x, y } = square.centre;
  return { a: cos, b: -sin, c: x - half * cos + half * sin, d: sin, e: cos, f: y - half * sin - half * cos };
}

/** The same crop seen in a mirror: column 0 takes what the last column took. */
export function mirrored(map: Affine, width: number): Affine {
  return { ...map, a: -map.a, c: map.a * (width - 1) + map.c, d: -map.d, f: map.d * (width - 1) + map.f };
}

/**
 * The similarity (rotation, one scale, shift) that carries `from` onto `to` with the least squared error
 * (Umeyama 1991 in the plane, without reflection). Throws when all points of `from` coincide.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Affine {
  const origin = meanOf(from);
  const target = meanOf(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (let i = 0; i < from.length; i++) {
    const x = from[i]!.x - origin.x;
    const y = from[i]!.y - origin.y;
    const u = to[i]!.x - target.x;
    const v = to[i]!.y - target.y;
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  }
  if (!(spread > 0)) throw new RangeError("a similarity needs two different points");
  const cos = along / spread;
  const sin = across / spread;
  return {
    a: cos,
    b: -sin,
    c: target.x - cos * origin.x + sin * origin.y,
    d: sin,
    e: cos,
    f: target.y - sin * origin.x - cos * origin.y,
  };
}

function meanOf(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x / points.length;
    y += point.y / points.length;
  }
  return { x, y };
}

/** Overlap of two boxes as a fraction of their union. */
export function intersectionOverUnion(p: Box, q: Box): number {
  const width = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x);
  const height = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (p.width * p.height + q.width * q.height - shared);
}

/** One point of a mesh in the picture. */
export function meshPoint(mesh: FaceMesh, index: number): Point {
  return { x: mesh.points[index * 3]!, y: mesh.points[index * 3 + 1]! };
}

/** Points of FaceMesh that mark the same spot in every face. */
export const meshIndex = {
  rightEyeOuter: 33,
  rightEyeInner: 133,
  leftEyeInner: 362,
  leftEyeOuter: 263,
  noseTip: 1,
  noseBase: 2,
  foreheadTop: 10,
  chin: 152,
  rightCheek: 234,
  leftCheek: 454,
  mouthRight: 61,
  mouthLeft: 291,
} as const;

/** How far the line through the eyes is tilted, clockwise as we see it. */
export function rollOfMesh(mesh: FaceMesh): number {
  const right = meshPoint(mesh, meshIndex.rightEyeOuter);
  const left = meshPoint(mesh, meshIndex.leftEyeOuter);
  return Math.atan2(left.y - right.y, left.x - right.x);
}

/** The smallest upright box around the mesh. */
export function boxOfMesh(mesh: FaceMesh): Box {
  const { centre, width, height } = extentOfMesh(mesh, 0);
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height };
}

/** The smallest box around the mesh whose sides are tilted by `rollRad`; the centre is in pixels of the picture. */
export function extentOfMesh(mesh: FaceMesh, rollRad: number): { centre: Point; width: number; height: number } {
  const cos = Math.cos(rollRad);
  const sin = Math.sin(rollRad);
  let minU = Number.POSITIVE_INFINITY;
  let maxU = Number.NEGATIVE_INFINITY;
  let minV = Number.POSITIVE_INFINITY;
  let maxV = Number.NEGATIVE_INFINITY;
  const { points } = mesh;
  for (let i = 0; i < points.length; i += 3) {
    const u = points[i]! * cos + points[i + 1]! * sin;
    const v = -points[i]! * sin + points[i + 1]! * cos;
    if (u < minU) minU = u;
    if (u > maxU) maxU = u;
    if (v < minV) minV = v;
    if (v > maxV) maxV = v;
  }
  const u = (minU + maxU) / 2;
  const v = (minV + maxV) / 2;
  return { centre: { x: u * cos - v * sin, y: u * sin + v * cos }, width: maxU - minU, height: maxV - minV };
}
