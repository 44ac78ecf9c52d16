import { extentOfMesh, mapOfSquare, rollOfMesh } from "../geometry.ts";
import { resample } from "../resample.ts";
import type { FaceMesh, RgbImage } from "../types.ts";

/** A straight edge on one side of a face. */
export interface EdgeLine {
  /** Part of its length along which the light steps, in one direction. */
  readonly cover: number;
  /** From the middle of the face, in face widths. */
  readonly away: number;
}

/** The straight edges on one side of a face. */
export interface SideEdges {
  /** The best single edge. */
  readonly line: EdgeLine;
  /** The best rim: two edges side by side over which the light steps one way and back, by the worse of them and the place of the inner one. */
  readonly rim: EdgeLine;
  /** The best edge at each of `edgePlaces`, outwards: its cover in per cent. */
  readonly covers: Uint8Array;
}

/** The straight edges around a face at one moment. */
export interface EdgeSample {
  readonly atMs: number;
  readonly centreX: number;
  readonly centreY: number;
  readonly widthPx: number;
  /** On our left, on our right, above, below. */
  readonly sides: readonly SideEdges[];
}

/** The surroundings that are looked at: so many face widths, brought to so many pixels. */
const reach = 3.6;
const side = 112;
const perWidth = side / reach;
/** Lines are sought from the rim of the face outwards. */
const nearest = Math.round(0.55 * perWidth);
const farthest = Math.round(1.72 * perWidth);
const places = farthest - nearest + 1;
/** Where edges are sought: the first place and the steps from one to the next, in face widths from the middle of the face, and how many. */
export const edgePlaces = { from: nearest / perWidth, step: 1 / perWidth, count: places } as const;
/** Half their length: upright ones reach beyond the crown of the head, where hair is no longer straight, and level ones are as wide as a phone. */
const halfUpright = Math.round(0.95 * perWidth);
const halfLevel = Math.round(0.75 * perWidth);
/** How far from upright their ends lie, in pixels. */
const tilts = [-6, -4, -2, 0, 2, 4, 6] as const;
/** Grey levels across an edge, over three pixels. */
const minStep = 12;
/** How wide a rim is, in pixels: 0.06 to 0.5 face widths, as a phone's bezel and the margin of a print. */
const rimWidths = { least: 2, most: 16 } as const;

/** Looked for so often at most: edges that are nearer in time say the same. */
const spacingMs = 95;

export function areEdgesDue(edges: readonly EdgeSample[] | undefined, atMs: number): boolean {
  return atMs - (edges?.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= spacingMs;
}

/**
 * Finds the straightest edges around a face, of two directions only, as the Hough transform does (Duda and Hart 1972).
 */
export function measureEdges(image: RgbImage, mesh: FaceMesh, atMs: number): EdgeSample {
  const rollRad = rollOfMesh(mesh);
  const { centre, width } = extentOfMesh(mesh, rollRad);
  const grey = greyCrop(image, { centre, size: reach * width, rollRad });
  const [sideways, downwards] = [stepsOf(grey, 1), stepsOf(grey, side)];
  const covered = [
    ...[coversOf(sideways, candidates.left), coversOf(sideways, candidates.right)],
    ...[coversOf(downwards, candidates.above), coversOf(downwards, candidates.below)],
  ];
  return {
    ...{ atMs, centreX: centre.x, centreY: centre.y, widthPx: width },
    sides: covered.map((covers) => ({ line: bestLine(covers), rim: bestRim(covers), covers: bestCovers(covers) })),
  };
}

// --- internal ---

/** The pixels of each line that is tried on one side: place after place outwards, and at each place tilt after tilt. */
const candidates = {
  left: candidatesOf({ isUpright: true, sign: -1 }),
  right: candidatesOf({ isUpright: true, sign: 1 }),
  above: candidatesOf({ isUpright: false, sign: -1 }),
  below: candidatesOf({ isUpright: false, sign: 1 }),
} as const;

function candidatesOf({ isUpright, sign }: { isUpright: boolean; sign: 1 | -1 }): readonly Int32Array[] {
  const half = isUpright ? halfUpright : halfLevel;
  const [acrossStep, alongStep] = isUpright ? [1, side] : [side, 1];
  const pixelsOf = (offset: number, tilt: number) =>
    Int32Array.from({ length: half + 1 }, (_, n) => {
      const along = 2 * n - half;
      const across = Math.trunc(side / 2 + sign * offset + 0.5 + (tilt / half) * along);
      // The first pixel never has a step.
      return across < 1 || across > side - 2 ? 0 : across * acrossStep + (side / 2 + along) * alongStep;
    });
  return Array.from({ length: places }, (_, n) => tilts.map((tilt) => pixelsOf(nearest + n, tilt))).flat();
}

function awayOf(line: number): number {
  return (nearest + Math.floor(line / tilts.length)) / perWidth;
}

/** Parts of each line's length along which the light steps up, and down. */
interface Covers {
  readonly up: Float32Array;
  readonly down: Float32Array;
}

function coversOf(steps: Int8Array, lines: readonly Int32Array[]): Covers {
  const covers = { up: new Float32Array(lines.length), down: new Float32Array(lines.length) };
  for (let n = 0; n < lines.length; n++) {
    const pixels = lines[n]!;
    let [sum, count] = [0, 0];
    for (let i = 0; i < pixels.length; i++) {
      const step = steps[pixels[i]!]!;
      sum += step;
      count += step & 1;
    }
    covers.up[n] = (count + sum) / 2 / pixels.length;
    covers.down[n] = (count - sum) / 2 / pixels.length;
  }
  return covers;
}

/** The line with the largest part of its length on one step; of equals the nearest. */
function bestLine({ up, down }: Covers): EdgeLine {
  let found = { cover: 0, away: 0 };
  for (let n = 0; n < up.length; n++) {
    const cover = Math.max(up[n]!, down[n]!);
    if (cover > found.cover) found = { cover, away: awayOf(n) };
  }
  return found;
}

function bestCovers({ up, down }: Covers): Uint8Array {
  const covers = new Uint8Array(places);
  for (let n = 0; n < up.length; n++) {
    const place = Math.floor(n / tilts.length);
    covers[place] = Math.max(covers[place]!, Math.round(100 * Math.max(up[n]!, down[n]!)));
  }
  return covers;
}

/** Two lines whose tilts are alike or neighbours, with steps of opposite signs; of equals the nearest. */
function bestRim({ up, down }: Covers): EdgeLine {
  let found = { cover: 0, away: 0 };
  for (let n = 0; n < up.length; n++) {
    const [rises, falls] = [up[n]!, down[n]!];
    if (Math.max(rises, falls) <= found.cover) continue;
    const tilt = n % tilts.length;
    const from = tilt === 0 ? 0 : -1;
    const to = tilt === tilts.length - 1 ? 0 : 1;
    for (let width = rimWidths.least; width <= rimWidths.most; width++) {
      for (let other = n + width * tilts.length + from; other <= n + width * tilts.length + to; other++) {
        if (other >= up.length) break;
        const cover = Math.max(Math.min(rises, down[other]!), Math.min(falls, up[other]!));
        if (cover > found.cover) found = { cover, away: awayOf(n) };
      }
    }
  }
  return found;
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
