import { meshPoint } from "../../geometry.ts";
import type { FaceMesh } from "../../types.ts";
import type { Evidence, EyeSample } from "../evidence.ts";
import { maxGapMs } from "../evidence.ts";

/** What one frame says of the things a person may be asked to do. Left and right are the person's own. */
export interface GestureSample extends Pick<EyeSample, "atMs" | "yaw" | "drop" | "right" | "left"> {
  /** Height of the mouth's opening against its width: near 0 shut. */
  readonly mouth: number;
  /** The embedding of this very frame was that of the track's person. */
  readonly isVerified: boolean;
}

/** What a track's face has shown lately, the oldest first, without a gap. */
export interface Gestures {
  readonly samples: readonly GestureSample[];
  /** Since when the face was seen without a gap; null before the first sample. */
  readonly unbrokenSinceMs: number | null;
}

export const noGestures: Gestures = { samples: [], unbrokenSinceMs: null };

/** Longer than a whole challenge takes, with what the person looked like before it. */
const keptMs = 20_000;
/** Whatever a clock does, the ring stays small. */
const maxSamples = 600;

/** Adds the frame whose mesh became the newest evidence; a mesh that was left out there is left out here. */
export function withGesture(
  before: Gestures,
  { evidence, mesh, atMs, isVerified }: { evidence: Evidence; mesh: FaceMesh; atMs: number; isVerified: boolean },
): Gestures {
  const eyes = evidence.eyes.at(-1);
  const lastMs = before.samples.at(-1)?.atMs;
  if (eyes?.atMs !== atMs || (lastMs !== undefined && atMs <= lastMs)) return before;
  const { yaw, drop, right, left } = eyes;
  const sample: GestureSample = { atMs, yaw, drop, right, left, mouth: mouthAspectRatio(mesh), isVerified };
  if (lastMs === undefined || atMs - lastMs > maxGapMs) return { samples: [sample], unbrokenSinceMs: atMs };
  const recent = before.samples.filter((kept) => atMs - kept.atMs <= keptMs);
  return { ...before, samples: [...recent, sample].slice(-maxSamples) };
}

// --- internal ---

/** Corners of the mouth and three pairs of points on the inner edges of the lips, the upper one first. */
const corners = [78, 308] as const;
const lips = [
  [82, 87],
  [13, 14],
  [312, 317],
] as const;

/** As the eye aspect ratio: mean of three heights against the width. */
function mouthAspectRatio(mesh: FaceMesh): number {
  const distance = (p: number, q: number) => {
    const a = meshPoint(mesh, p);
    const b = meshPoint(mesh, q);
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  const width = distance(...corners);
  return width > 0 ? lips.reduce((sum, [upper, lower]) => sum + distance(upper, lower), 0) / (lips.length * width) : 0;
}
