import { extentOfMesh, mapOfSquare, rollOfMesh } from "../geometry.ts";
import { resample } from "../resample.ts";
import type { CueResult, FaceMesh, RgbImage } from "../types.ts";
import type { Evidence } from "./evidence.ts";

/** What may bound a sheet: the best straight edge on one side of a face. */
export interface EdgeLine {
  /** Part of its length along which the light steps, in one direction. */
  readonly cover: number;
  /** From the middle of the face, in face widths. */
  readonly away: number;
}

/** The straight edges around a face at one moment. */
export interface EdgeSample {
  readonly atMs: number;
  readonly centreX: number;
  readonly centreY: number;
  readonly widthPx: number;
  /** On our left, on our right, above, below. */
  readonly lines: readonly EdgeLine[];
}

/** The surroundings that are looked at: so many face widths, brought to so many pixels. */
const reach = 3.6;
const side = 112;
const perWidth = side / reach;
/** Lines are sought from the rim of the face outwards. */
const nearest = Math.round(0.55 * perWidth);
const farthest = Math.round(1.72 * perWidth);
/** Half their length: upright ones reach beyond the crown of the head, where hair is no longer straight, and level ones are as wide as a phone. */
const halfUpright = Math.round(0.95 * perWidth);
const halfLevel = Math.round(0.75 * perWidth);
/** How far from upright their ends lie, in pixels. */
const tilts = [-6, -4, -2, 0, 2, 4, 6] as const;
/** Grey levels across an edge, over three pixels. */
const minStep = 12;

const name = "carrier";

/** Looked for so often at most: edges that are nearer in time say the same. */
const spacingMs = 95;

export function areEdgesDue({ edges }: Evidence, atMs: number): boolean {
  return atMs - (edges?.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= spacingMs;
}

/** A line that is tried: its pixels, and how far it is from the middle of the face, in face widths. */
interface Candidate {
  readonly pixels: Int32Array;
  readonly away: number;
}

const candidates = {
  left: candidatesOf({ isUpright: true, sign: -1 }),
  right: candidatesOf({ isUpright: true, sign: 1 }),
  above: candidatesOf({ isUpright: false, sign: -1 }),
  below: candidatesOf({ isUpright: false, sign: 1 }),
} as const;

/** Finds the straightest edges around a face. */
export function measureEdges(image: RgbImage, mesh: FaceMesh, atMs: number): EdgeSample {
  const rollRad = rollOfMesh(mesh);
  const { centre, width } = extentOfMesh(mesh, rollRad);
  const grey = greyCrop(image, { centre, size: reach * width, rollRad });
  const [sideways, downwards] = [stepsOf(grey, 1), stepsOf(grey, side)];
  return {
    ...{ atMs, centreX: centre.x, centreY: centre.y, widthPx: width },
    lines: [
      ...[bestLine(sideways, candidates.left), bestLine(sideways, candidates.right)],
      ...[bestLine(downwards, candidates.above), bestLine(downwards, candidates.below)],
    ],
  };
}

/**
 * Chosen on 63 tracks of living people (4 recorded, 59 simulated: none flagged) and 48 simulated attacks (29 of 31 tracks of stills and 12 of 12
 * of replays flagged; no mask); one of seven tracks of two recorded phones is flagged. An edge in so many of the frames counts.
 */
const minCover = 0.8;
const minShare = 0.6;
const minFrames = 10;
/** While it moves by this much in the picture (standard deviation, face widths) … */
const minTravel = 0.06;
/** … it stays where it is against the face. */
const maxWander = 0.07;
const maxWanderShare = 0.4;
const minSides = 2;

/**
 * Straight edges around the face that move with it are those of a sheet, a phone or a tablet. What belongs to the room stays behind when
 * the face moves; hair and shoulders are not straight over such a length. Denies; nothing follows from there being none. Lines are
 * sought as by the Hough transform (Duda and Hart 1972), of two directions only.
 */
export function carrierCue(evidence: Evidence): CueResult {
  const samples = evidence.edges ?? [];
  const nothing = { name, score: 0.5, verdict: "no-verdict" } as const;
  if (samples.length < minFrames) return { ...nothing, says: "too few frames to look for the edges of a sheet" };
  const held = [0, 1, 2, 3].filter((n) => isHeld(samples, n)).length;
  if (held < minSides) return { ...nothing, says: "no edges of a sheet or screen move with the face" };
  const says = `${held} straight edges around the face move with it, as those of a sheet or a screen`;
  return { name, score: 0.2, verdict: "spoof", says };
}

// --- internal ---

function candidatesOf({ isUpright, sign }: { isUpright: boolean; sign: 1 | -1 }): Candidate[] {
  const half = isUpright ? halfUpright : halfLevel;
  const [acrossStep, alongStep] = isUpright ? [1, side] : [side, 1];
  const pixelsOf = (offset: number, tilt: number) =>
    Int32Array.from({ length: half + 1 }, (_, n) => {
      const along = 2 * n - half;
      const across = Math.trunc(side / 2 + sign * offset + 0.5 + (tilt / half) * along);
      // The first pixel never has a step.
      return across < 1 || across > side - 2 ? 0 : across * acrossStep + (side / 2 + along) * alongStep;
    });
  return Array.from({ length: farthest - nearest + 1 }, (_, n) =>
    tilts.map((tilt) => ({ pixels: pixelsOf(nearest + n, tilt), away: (nearest + n) / perWidth })),
  ).flat();
}

function isHeld(samples: readonly EdgeSample[], n: number): boolean {
  const sign = n % 2 === 0 ? -1 : 1;
  const found = samples.flatMap(({ centreX, centreY, widthPx, lines }) => {
    const line = lines[n];
    if (!line || line.cover < minCover) return [];
    return [{ away: line.away, place: (n < 2 ? centreX : centreY) / widthPx + sign * line.away, widthPx }];
  });
  if (found.length < minShare * samples.length || found.length < 6) return false;
  const usual = [...found].sort((p, q) => p.widthPx - q.widthPx)[found.length >> 1]?.widthPx ?? 1;
  const travel = deviation(found.map(({ place, widthPx }) => (place * widthPx) / usual));
  const wander = deviation(found.map(({ away }) => away));
  return travel >= minTravel && wander <= maxWander && wander <= maxWanderShare * travel;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function greyCrop(image: RgbImage, square: Parameters<typeof mapOfSquare>[0]): Float32Array {
  const data = new Float32Array(side * side * 3);
  resample(image, mapOfSquare(square, side), {
    ...{ data, width: side, height: side, layout: "nhwc", border: "edge" },
    ...{ scale: [1, 1, 1], offset: [0, 0, 0] },
  });
  const grey = new Float32Array(side * side);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!;
  }
  return grey;
}

/** Where the light steps up (1) or down (-1) across a line, at each pixel. */
function stepsOf(grey: Float32Array, next: number): Int8Array {
  const steps = new Int8Array(grey.length);
  for (let i = next; i < grey.length - next; i++) {
    const difference = grey[i + next]! - grey[i - next]!;
    steps[i] = difference >= minStep ? 1 : difference <= -minStep ? -1 : 0;
  }
  return steps;
}

/** The line with the largest part of its length on one step, of the sign that is more frequent; of equals the nearest. */
function bestLine(steps: Int8Array, lines: readonly Candidate[]): EdgeLine {
  let best = 0;
  let found = { cover: 0, away: 0 };
  for (const { pixels, away } of lines) {
    const covered = coveredBy(steps, pixels, best);
    if (covered <= best) continue;
    best = covered;
    found = { cover: covered / pixels.length, away };
  }
  return found;
}

/** Pixels of a line with a step of the more frequent sign; gives up where it can no longer have more than `least`. */
function coveredBy(steps: Int8Array, pixels: Int32Array, least: number): number {
  let [up, down] = [0, 0];
  for (let i = 0; i < pixels.length; i++) {
    const step = steps[pixels[i]!]!;
    if (step > 0) up++;
    else if (step < 0) down++;
    else if (Math.max(up, down) + pixels.length - i - 1 <= least) return 0;
  }
  return Math.max(up, down);
}
