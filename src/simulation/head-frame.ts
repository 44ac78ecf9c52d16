import type { FaceMesh, Point } from "../pipeline/types.ts";
import { chin, faceOval, forehead, leftCheek, rightCheek } from "./facemesh-points.ts";

/** A 3 x 3 matrix, row by row. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

/**
 * Where the head is in a picture. Head units are face widths (cheek to cheek): x to our right, y down, z away from the
 * camera, and the origin lies between the cheeks, about where a head turns.
 */
export interface HeadFrame {
  /** The origin in pixels of the picture; z in the mesh's unit. */
  readonly originX: number;
  readonly originY: number;
  readonly originZ: number;
  readonly faceWidthPx: number;
  /** How the head leans in the picture, in radians; positive is clockwise as we see it. */
  readonly rollRad: number;
  /** Takes a levelled point of the picture's head to the same head seen from straight ahead. */
  readonly toFrontal: Matrix3;
}

export function headFrameOf(mesh: FaceMesh): HeadFrame {
  const at = (i: number) => [mesh.points[3 * i]!, mesh.points[3 * i + 1]!, mesh.points[3 * i + 2]!] as const;
  const [right, left, top, bottom] = [at(rightCheek), at(leftCheek), at(forehead), at(chin)];
  const across = normalised([left[0] - right[0], left[1] - right[1], left[2] - right[2]]);
  const down = [bottom[0] - top[0], bottom[1] - top[1], bottom[2] - top[2]] as const;
  const along = dot(down, across);
  const upright = normalised([down[0] - along * across[0], down[1] - along * across[1], down[2] - along * across[2]]);
  const away = cross(across, upright);
  const rollRad = Math.atan2(across[1], across[0]);
  // The rows of the inverse of the head's rotation are its axes; the roll is taken out before, in the plane.
  const [c, s] = [Math.cos(rollRad), Math.sin(rollRad)];
  const levelled = (axis: Vector3): Vector3 => [axis[0] * c + axis[1] * s, -axis[0] * s + axis[1] * c, axis[2]];
  const [x, y, z] = halfPitched(levelled(across), levelled(upright), levelled(away));
  return {
    originX: (left[0] + right[0]) / 2,
    originY: (left[1] + right[1]) / 2,
    originZ: (left[2] + right[2]) / 2,
    faceWidthPx: Math.hypot(left[0] - right[0], left[1] - right[1], left[2] - right[2]),
    rollRad,
    toFrontal: [...x, ...y, ...z],
  };
}

/** A point of the picture in head units, with the roll taken out. */
export function levelledPoint(frame: HeadFrame, x: number, y: number): Point {
  const [dx, dy] = [(x - frame.originX) / frame.faceWidthPx, (y - frame.originY) / frame.faceWidthPx];
  const [c, s] = [Math.cos(frame.rollRad), Math.sin(frame.rollRad)];
  return { x: dx * c + dy * s, y: -dx * s + dy * c };
}

/** The inverse of `levelledPoint`. */
export function picturePoint(frame: HeadFrame, x: number, y: number): Point {
  const [c, s] = [Math.cos(frame.rollRad), Math.sin(frame.rollRad)];
  return {
    x: frame.originX + (x * c - y * s) * frame.faceWidthPx,
    y: frame.originY + (x * s + y * c) * frame.faceWidthPx,
  };
}

/** The outline of the face around its middle: how far a point lies out, and what lies on the outline there. */
export interface Outline {
  readonly middle: Point;
  readonly points: readonly Point[];
  readonly chinY: number;
  /** The distance from the middle in units of the outline's in the same direction: 1 on the outline. */
  reach(x: number, y: number): number;
  /** Depth of the outline in that direction, in head units. */
  depth(x: number, y: number): number;
}

/** As the photograph shows it, levelled. */
export function outlineOf(mesh: FaceMesh, frame: HeadFrame): Outline {
  return outlineThrough(faceOval.map((i) => levelledVertex(mesh, frame, i)));
}

/** As seen from straight ahead. */
export function frontalOutlineOf(mesh: FaceMesh, frame: HeadFrame): Outline {
  return outlineThrough(faceOval.map((i) => multiply(frame.toFrontal, ...levelledVertex(mesh, frame, i))));
}

/** A point of the mesh in head units, with the roll taken out. */
export function levelledVertex(mesh: FaceMesh, frame: HeadFrame, i: number): Vector3 {
  const { x, y } = levelledPoint(frame, mesh.points[3 * i]!, mesh.points[3 * i + 1]!);
  return [x, y, (mesh.points[3 * i + 2]! - frame.originZ) / frame.faceWidthPx];
}

function outlineThrough(oval: readonly Vector3[]): Outline {
  const points = oval.map(([x, y, z]) => ({ x, y, z }));
  const middle = {
    x: points.reduce((sum, p) => sum + p.x, 0) / points.length,
    y: points.reduce((sum, p) => sum + p.y, 0) / points.length,
  };
  const steps = 180;
  const radius = new Float32Array(steps);
  const depth = new Float32Array(steps);
  const polar = points
    .map((p) => ({
      angle: Math.atan2(p.y - middle.y, p.x - middle.x),
      r: Math.hypot(p.x - middle.x, p.y - middle.y),
      z: p.z,
    }))
    .sort((a, b) => a.angle - b.angle);
  for (let n = 0; n < steps; n++) {
    const angle = (n / steps) * 2 * Math.PI - Math.PI;
    const next = polar.findIndex((p) => p.angle >= angle);
    const b = polar[Math.max(0, next)]!;
    const a = polar[next <= 0 ? polar.length - 1 : next - 1]!;
    const gap = (b.angle - a.angle + 4 * Math.PI) % (2 * Math.PI) || 1;
    const share = ((angle - a.angle + 4 * Math.PI) % (2 * Math.PI)) / gap;
    radius[n] = a.r + (b.r - a.r) * share;
    depth[n] = a.z + (b.z - a.z) * share;
  }
  const step = (x: number, y: number) =>
    Math.round(((Math.atan2(y - middle.y, x - middle.x) + Math.PI) / (2 * Math.PI)) * steps) % steps;
  return {
    middle,
    points,
    chinY: points[faceOval.indexOf(chin)]!.y,
    reach: (x, y) => Math.hypot(x - middle.x, y - middle.y) / radius[step(x, y)]!,
    depth: (x, y) => depth[step(x, y)]!,
  };
}

export function multiply(m: Matrix3, x: number, y: number, z: number): Vector3 {
  return [m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z];
}

// --- internal ---

/**
 * Takes half of the pitch out of the axes only: how a person carries the head is part of how they look, and forehead and
 * chin tell it less surely than the cheeks tell the yaw.
 */
function halfPitched(x: Vector3, y: Vector3, z: Vector3): readonly [Vector3, Vector3, Vector3] {
  const half = Math.asin(Math.max(-1, Math.min(1, y[2]))) / 2;
  const [c, s] = [Math.cos(half), Math.sin(half)];
  const mix = (a: number, b: number) => [a * c - b * s, a * s + b * c] as const;
  const pairs = [0, 1, 2].map((n) => mix(y[n] ?? 0, z[n] ?? 0));
  const row = (k: 0 | 1): Vector3 => [pairs[0]![k], pairs[1]![k], pairs[2]![k]];
  return [x, row(0), row(1)];
}

export type Vector3 = readonly [number, number, number];

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalised(a: Vector3): Vector3 {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}
