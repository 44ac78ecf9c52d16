import { type EdgeSample, edgePlaces } from "./edges.ts";

/** When an edge counts as one that moves with the face. Lengths in face widths. */
export interface HoldLimits {
  readonly minCover: number;
  /** Part of the frames that have such an edge, and how many at least. */
  readonly minShare: number;
  readonly minFound: number;
  /** While it moves by this much in the picture (standard deviation) … */
  readonly minTravel: number;
  /** … it stays where it is against the face, both absolutely and as a part of its travel. */
  readonly maxWander: number;
  readonly maxWanderShare: number;
}

/**
 * On how many of the four sides an edge moves with the face. What belongs to the room stays behind when the face moves. Where the room is full of
 * edges (a fence, blinds), one or another is always as far from the face: such a side does not count.
 */
export function sidesHeld(samples: readonly EdgeSample[], kind: "line" | "rim", limits: HoldLimits): number {
  return [0, 1, 2, 3].filter((n) => isHeld(samples, { kind, n }, limits)).length;
}

// --- internal ---

/** An edge that was found in one frame. Places count outwards from the picture's origin, in pixels. */
interface Found {
  readonly away: number;
  readonly facePx: number;
  readonly widthPx: number;
  readonly covers: Uint8Array;
}

function isHeld(
  samples: readonly EdgeSample[],
  { kind, n }: { kind: "line" | "rim"; n: number },
  { minCover, minShare, minFound, minTravel, maxWander, maxWanderShare }: HoldLimits,
): boolean {
  const sign = n % 2 === 0 ? -1 : 1;
  const found = samples.flatMap(({ centreX, centreY, widthPx, sides }): Found[] => {
    const side = sides[n];
    if (!side || side[kind].cover < minCover) return [];
    return [{ away: side[kind].away, facePx: sign * (n < 2 ? centreX : centreY), widthPx, covers: side.covers }];
  });
  if (found.length < minShare * samples.length || found.length < minFound) return false;
  const usual = [...found].sort((p, q) => p.widthPx - q.widthPx)[found.length >> 1]?.widthPx ?? 1;
  const travel = deviation(found.map((one) => placePx(one) / usual));
  const wander = deviation(found.map(({ away }) => away));
  const isNearFace = wander <= maxWander && wander <= maxWanderShare * travel;
  return travel >= minTravel && isNearFace && !isOfRoom(found, minCover);
}

function placePx({ away, facePx, widthPx }: Found): number {
  return facePx + away * widthPx;
}

/** Two moments tell of an edge when the face has moved by so much between them, in face widths. */
const minMoved = 0.1;
const minTelling = 4;
/** What was seen at one moment is looked for at another within a place of where it then was, and may be this much fainter. */
const faded = 0.8;
const maxStayed = 0.5;

/** Where an edge was at one moment there is one at other moments too, although the face has moved: the room's own explain what was found. */
function isOfRoom(found: readonly Found[], minCover: number): boolean {
  let [telling, stayed] = [0, 0];
  for (const then of found) {
    const wasPx = placePx(then);
    for (const now of found) {
      const away = (wasPx - now.facePx) / now.widthPx;
      const place = Math.round((away - edgePlaces.from) / edgePlaces.step);
      if (Math.abs(away - now.away) < minMoved || place < 1 || place > edgePlaces.count - 2) continue;
      telling++;
      const cover = Math.max(now.covers[place - 1]!, now.covers[place]!, now.covers[place + 1]!);
      if (cover >= 100 * faded * minCover) stayed++;
    }
  }
  return telling < minTelling || stayed > maxStayed * telling;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
