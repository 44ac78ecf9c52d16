import { meshIndex, meshPoint, rollOfMesh } from "./geometry.ts";
import type { FaceMesh, Pose } from "./types.ts";

/** What forehead to chin give for a face that looks straight ahead: rounded from the medians of three sets of frontal portraits (-2 to -9). */
const restingPitchDeg = -4;

/**
 * Where the head points, from the depth of the mesh: yaw from lines across the face, pitch from forehead to chin. Both lines are in the
 * same unit in all three directions, so an angle needs no camera model; perspective of a face nearer than about 40 cm is not
 * corrected for.
 */
export function poseOf(mesh: FaceMesh): Pose {
  const across = sum(
    between(mesh, meshIndex.rightEyeOuter, meshIndex.leftEyeOuter),
    between(mesh, meshIndex.rightCheek, meshIndex.leftCheek),
    between(mesh, meshIndex.mouthRight, meshIndex.mouthLeft),
  );
  const down = between(mesh, meshIndex.foreheadTop, meshIndex.chin);
  return {
    yawDeg: degrees(Math.atan2(across.z, Math.hypot(across.x, across.y))),
    pitchDeg: degrees(Math.atan2(-down.z, Math.hypot(down.x, down.y))) - restingPitchDeg,
    rollDeg: degrees(rollOfMesh(mesh)),
  };
}

/**
 * How far the nose has moved from the middle between the eyes, in eye distances, along the line through the eyes; > 0: to the
 * person's left. Needs no depth: about 0 frontal, 0.3 at half profile, no longer reliable beyond 0.6.
 */
export function yawProxy(mesh: FaceMesh): number {
  const right = meshPoint(mesh, meshIndex.rightEyeOuter);
  const left = meshPoint(mesh, meshIndex.leftEyeOuter);
  const nose = meshPoint(mesh, meshIndex.noseTip);
  const dx = left.x - right.x;
  const dy = left.y - right.y;
  const squared = dx * dx + dy * dy;
  if (squared === 0) return 0;
  return ((nose.x - (left.x + right.x) / 2) * dx + (nose.y - (left.y + right.y) / 2) * dy) / squared;
}

interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

function between(mesh: FaceMesh, from: number, to: number): Vector {
  const { points } = mesh;
  return {
    x: points[to * 3]! - points[from * 3]!,
    y: points[to * 3 + 1]! - points[from * 3 + 1]!,
    z: points[to * 3 + 2]! - points[from * 3 + 2]!,
  };
}

function sum(...vectors: readonly Vector[]): Vector {
  return vectors.reduce((s, v) => ({ x: s.x + v.x, y: s.y + v.y, z: s.z + v.z }), { x: 0, y: 0, z: 0 });
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
