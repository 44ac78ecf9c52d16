import { meshIndex, meshPoint, rollOfMesh } from "../geometry.ts";
import { yawProxy } from "../pose.ts";
import type { FaceMesh, FaceQuality } from "../types.ts";
import type { EdgeSample } from "./edges.ts";
import type { NetworkSample } from "./network.ts";

/** The face's shape at one moment. */
export interface ShapeSample {
  readonly atMs: number;
  /**
   * Every third point of the mesh (156), x and y in turn: origin in the middle between the outer eye corners, level with them, their
   * distance is one. Shift, size and roll of the face are gone from it.
   */
  readonly points: Float32Array;
  /** As `yawProxy`. */
  readonly yaw: number;
  readonly eyeDistancePx: number;
  /** The embedding of this very frame was that of the track's person. */
  readonly isVerified: boolean;
}

/** How open the eyes are at one moment. */
export interface EyeSample {
  readonly atMs: number;
  /** Eye aspect ratio, the person's right and left. */
  readonly right: number;
  readonly left: number;
  readonly yaw: number;
  /** How far the nose lies below the eyes, in eye distances. */
  readonly drop: number;
}

/** How good one picture of the face was, of use or not. */
export interface QualitySample extends Pick<FaceQuality, "brightness" | "reasons"> {
  readonly atMs: number;
}

/** What one track has shown lately; the oldest first. A gap in it means that nobody knows what happened meanwhile. */
export interface Evidence {
  readonly shapes: readonly ShapeSample[];
  readonly eyes: readonly EyeSample[];
  /** Present once the anti-spoofing networks, where they are installed, were asked about this track. */
  readonly network?: readonly NetworkSample[];
  /** Straight edges around the face; present once they were looked for. */
  readonly edges?: readonly EdgeSample[];
  /** Pictures of the face that were measured. They outlive a gap: they prove nothing, and say why there is no proof. */
  readonly quality?: readonly QualitySample[];
}

export const noEvidence: Evidence = { shapes: [], eyes: [] };

/** How far back evidence counts. */
export const evidenceMs = 4000;
/** Without landmarks for longer, the face may have been exchanged: evidence starts again. */
export const maxGapMs = 450;
/** Shapes nearer in time say the same thing twice. */
const shapeSpacingMs = 60;
/** Whatever a clock does, the rings stay small. */
const maxShapes = 70;
const maxEyes = 150;
const minConfidence = 0.8;

/** Adds a frame's mesh. Meshes the network itself doubts and frames that are not newer than the last are left out. */
export function withMesh(
  before: Evidence,
  { mesh, atMs, isVerified }: { mesh: FaceMesh; atMs: number; isVerified: boolean },
): Evidence {
  if (!(mesh.confidence >= minConfidence)) return before;
  const lastMs = before.eyes.at(-1)?.atMs;
  if (lastMs !== undefined && atMs <= lastMs) return before;
  const shape = shapeOf(mesh, { atMs, isVerified });
  if (shape === null) return before;
  const base = lastMs !== undefined && atMs - lastMs > maxGapMs ? noEvidence : before;
  const isRecent = (sample: { atMs: number }) => atMs - sample.atMs <= evidenceMs;
  return {
    shapes: withShape(base.shapes.filter(isRecent), shape),
    eyes: [...base.eyes.filter(isRecent), eyesOf(mesh, shape)].slice(-maxEyes),
    ...(base.network ? { network: base.network.filter(isRecent) } : {}),
    ...(base.edges ? { edges: base.edges.filter(isRecent) } : {}),
    ...(before.quality ? { quality: before.quality.filter(isRecent) } : {}),
  };
}

/** Notes how good a picture was, also one that is no evidence. A picture that is not newer than the last is left out. */
export function withQuality(before: Evidence, { brightness, reasons, atMs }: QualitySample): Evidence {
  const samples = before.quality ?? [];
  const lastMs = samples.at(-1)?.atMs;
  if (lastMs !== undefined && atMs - lastMs < shapeSpacingMs) return before;
  const recent = samples.filter((sample) => atMs - sample.atMs <= evidenceMs);
  return { ...before, quality: [...recent, { atMs, brightness, reasons }].slice(-maxShapes) };
}

/** Adds the edges around the face in a frame. A frame that is not newer than the last is left out. */
export function withEdges(before: Evidence, sample: EdgeSample): Evidence {
  const samples = before.edges ?? [];
  const lastMs = samples.at(-1)?.atMs;
  if (lastMs !== undefined && sample.atMs - lastMs < shapeSpacingMs) return before;
  const recent = samples.filter(({ atMs }) => sample.atMs - atMs <= evidenceMs);
  return { ...before, edges: [...recent, sample].slice(-maxShapes) };
}

// --- internal ---

/** A frame too soon after the last is left out, unless it is the one whose face was verified. */
function withShape(shapes: readonly ShapeSample[], shape: ShapeSample): readonly ShapeSample[] {
  const last = shapes.at(-1);
  const isClose = last !== undefined && shape.atMs - last.atMs < shapeSpacingMs;
  if (isClose && (!shape.isVerified || last.isVerified)) return shapes;
  return [...(isClose ? shapes.slice(0, -1) : shapes), shape].slice(-maxShapes);
}

function shapeOf(mesh: FaceMesh, { atMs, isVerified }: { atMs: number; isVerified: boolean }): ShapeSample | null {
  const right = meshPoint(mesh, meshIndex.rightEyeOuter);
  const left = meshPoint(mesh, meshIndex.leftEyeOuter);
  const eyeDistancePx = Math.hypot(left.x - right.x, left.y - right.y);
  if (!(eyeDistancePx > 0)) return null;
  const roll = rollOfMesh(mesh);
  const cos = Math.cos(roll) / eyeDistancePx;
  const sin = Math.sin(roll) / eyeDistancePx;
  const centreX = (left.x + right.x) / 2;
  const centreY = (left.y + right.y) / 2;
  const count = mesh.points.length / 9;
  const points = new Float32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const x = mesh.points[i * 9]! - centreX;
    const y = mesh.points[i * 9 + 1]! - centreY;
    points[i * 2] = x * cos + y * sin;
    points[i * 2 + 1] = y * cos - x * sin;
  }
  if (!points.every(Number.isFinite)) return null;
  return { atMs, points, yaw: yawProxy(mesh), eyeDistancePx, isVerified };
}

/** Outer corner, two points of the upper lid, inner corner, the two points below them. */
const rightEye = [33, 160, 158, 133, 153, 144] as const;
const leftEye = [263, 387, 385, 362, 380, 373] as const;

function eyesOf(mesh: FaceMesh, shape: ShapeSample): EyeSample {
  const nose = meshPoint(mesh, meshIndex.noseTip);
  const right = meshPoint(mesh, meshIndex.rightEyeOuter);
  const left = meshPoint(mesh, meshIndex.leftEyeOuter);
  const roll = rollOfMesh(mesh);
  const x = nose.x - (left.x + right.x) / 2;
  const y = nose.y - (left.y + right.y) / 2;
  return {
    atMs: shape.atMs,
    right: eyeAspectRatio(mesh, rightEye),
    left: eyeAspectRatio(mesh, leftEye),
    yaw: shape.yaw,
    drop: (y * Math.cos(roll) - x * Math.sin(roll)) / shape.eyeDistancePx,
  };
}

/** Height of the eye against its width (Soukupová and Čech 2016): about 0.28 open, 0.13 shut. */
function eyeAspectRatio(mesh: FaceMesh, eye: readonly [number, number, number, number, number, number]): number {
  const distance = (p: number, q: number) => {
    const a = meshPoint(mesh, p);
    const b = meshPoint(mesh, q);
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  const [outer, upperOuter, upperInner, inner, lowerInner, lowerOuter] = eye;
  const width = distance(outer, inner);
  return width > 0 ? (distance(upperOuter, lowerOuter) + distance(upperInner, lowerInner)) / (2 * width) : 0;
}
