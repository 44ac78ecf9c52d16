import { gaussian, type Random } from "../../src/core/random.ts";
import { meshIndex } from "../../src/pipeline/geometry.ts";
import type { FaceMesh } from "../../src/pipeline/types.ts";

/** How a synthetic face is held and seen. Lengths are in eye distances. */
export interface View {
  readonly yawDeg?: number;
  readonly pitchDeg?: number;
  readonly rollDeg?: number;
  /** 1: a head. 0: the same face as a flat sheet. */
  readonly depth?: number;
  readonly eyeDistancePx?: number;
  readonly centreX?: number;
  readonly centreY?: number;
  /** Distance of the camera in eye distances; strong perspective below about 6. */
  readonly distance?: number;
  /** Standard deviation of the landmarks in pixels. */
  readonly noisePx?: number;
  /** 1 open, 0 shut. */
  readonly lids?: number;
  readonly confidence?: number;
}

const rightEye = [33, 160, 158, 133, 153, 144] as const;
const leftEye = [263, 387, 385, 362, 380, 373] as const;
const openHalfHeight = 0.042;

interface Point3 {
  x: number;
  y: number;
  z: number;
}

/** A head in eye distances: an ellipsoid's front with a nose; the points that the cues know by number lie where they belong. */
function makeHead(): Point3[] {
  const points = Array.from({ length: 468 }, (_, i) => {
    // A sunflower pattern covers the oval evenly.
    const r = Math.sqrt((i + 0.5) / 468);
    const angle = i * 2.399963;
    const x = 0.78 * r * Math.cos(angle);
    const y = 0.35 + 1.02 * r * Math.sin(angle);
    return { x, y, z: surface(x, y) };
  });
  const place = (index: number, x: number, y: number) => {
    points[index] = { x, y, z: surface(x, y) };
  };
  place(meshIndex.noseTip, 0, 0.42);
  place(meshIndex.foreheadTop, 0, -0.6);
  place(meshIndex.chin, 0, 1.3);
  place(meshIndex.rightCheek, -0.76, 0.3);
  place(meshIndex.leftCheek, 0.76, 0.3);
  place(meshIndex.mouthRight, -0.28, 0.85);
  place(meshIndex.mouthLeft, 0.28, 0.85);
  for (const [eye, side] of [
    [rightEye, -1],
    [leftEye, 1],
  ] as const) {
    const lid = (x: number, y: number) => [side * x, y] as const;
    const spots = [lid(0.5, 0), lid(0.41, -1), lid(0.3, -1), lid(0.2, 0), lid(0.3, 1), lid(0.41, 1)];
    eye.forEach((index, k) => {
      const [x, y] = spots[k]!;
      place(index, x, y * openHalfHeight);
    });
  }
  return points;
}

/** Depth towards the camera is negative, as in the mesh. */
function surface(x: number, y: number): number {
  const oval = 1.15 * ((x / 0.9) ** 2 + ((y - 0.35) / 1.35) ** 2);
  const nose = 0.34 * Math.exp(-((x / 0.14) ** 2) - ((y - 0.4) / 0.2) ** 2);
  return oval - nose;
}

const head = makeHead();
const radians = Math.PI / 180;

/** The mesh of a synthetic face under a perspective camera. */
export function meshOf(view: View, random: Random): FaceMesh {
  const { depth = 1, eyeDistancePx = 80, distance = 9, noisePx = 0.4, lids = 1 } = view;
  const shut = new Set<number>([
    ...rightEye.slice(1, 3),
    ...rightEye.slice(4),
    ...leftEye.slice(1, 3),
    ...leftEye.slice(4),
  ]);
  const points = new Float32Array(468 * 3);
  head.forEach((point, i) => {
    const y = shut.has(i) ? point.y * (0.45 + 0.55 * lids) : point.y;
    const turned = turn({ x: point.x, y, z: point.z * depth }, view);
    const scale = (eyeDistancePx * distance) / (distance + turned.z);
    points[i * 3] = (view.centreX ?? 320) + turned.x * scale + noisePx * gaussian(random);
    points[i * 3 + 1] = (view.centreY ?? 240) + turned.y * scale + noisePx * gaussian(random);
    points[i * 3 + 2] = turned.z * eyeDistancePx;
  });
  return { points, confidence: view.confidence ?? 1 };
}

function turn({ x, y, z }: Point3, { yawDeg = 0, pitchDeg = 0, rollDeg = 0 }: View): Point3 {
  const [yaw, pitch, roll] = [yawDeg * radians, pitchDeg * radians, rollDeg * radians];
  const x1 = x * Math.cos(yaw) - z * Math.sin(yaw);
  const z1 = x * Math.sin(yaw) + z * Math.cos(yaw);
  const y1 = y * Math.cos(pitch) - z1 * Math.sin(pitch);
  const z2 = y * Math.sin(pitch) + z1 * Math.cos(pitch);
  return { x: x1 * Math.cos(roll) - y1 * Math.sin(roll), y: x1 * Math.sin(roll) + y1 * Math.cos(roll), z: z2 };
}
