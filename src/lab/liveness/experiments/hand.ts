import { extentOfMesh, mapOfSquare, rollOfMesh } from "../../../pipeline/geometry.ts";
import { resample } from "../../../pipeline/resample.ts";
import type { CueResult, FaceMesh, RgbImage } from "../../../pipeline/types.ts";
import type { Experiment, Look } from "./experiment.ts";
import { type Spot, spotsOf } from "./spots.ts";

/** The surroundings that are looked at: so many face widths, brought to so many pixels. */
const reach = 3.6;
const side = 112;
const perWidth = side / reach;
/** Area of a hand or of the fingers that are seen of it, in squared face widths. */
const minArea = 0.012;
const maxArea = 0.6;
/** Part of a patch that may lie on the face or the neck. */
const maxOwn = 0.05;

/** The same hand is seen again within so many face widths, in so many of the frames … */
const sameWithin = 0.3;
const minShare = 0.6;
const minFrames = 8;
/** … moves with the face by so much (standard deviation, face widths), and keeps its place beside it. */
const minTravel = 0.04;
const maxWanderShare = 0.4;

/** Patches of skin beside a face in one frame; places are from the middle of the face, in face widths. */
export interface HandSample {
  readonly centreX: number;
  readonly centreY: number;
  readonly widthPx: number;
  readonly spots: readonly Spot[];
}

const name = "hand";

/**
 * A hand that holds what is held up: a patch of the colour of skin (Chai and Ngan 1999: ranges of Cb and Cr) beside the face, apart from it
 * and from the neck, that moves with the face and keeps its place.
 */
export const hand: Experiment<HandSample> = {
  name,
  measure: ({ image, mesh }: Look) => skinBeside(image, mesh),
  judge: judgeHands,
};

export function skinBeside(image: RgbImage, mesh: FaceMesh): HandSample {
  const rollRad = rollOfMesh(mesh);
  const { centre, width } = extentOfMesh(mesh, rollRad);
  const data = new Float32Array(side * side * 3);
  resample(image, mapOfSquare({ centre, size: reach * width, rollRad }, side), {
    ...{ data, width: side, height: side, layout: "nhwc", border: "edge" },
    ...{ scale: [1, 1, 1], offset: [0, 0, 0] },
  });
  const isSkin = Uint8Array.from({ length: side * side }, (_, i) => (isSkinAt(data, 3 * i) ? 1 : 0));
  const spots = spotsOf(isSkin, { side, perUnit: perWidth, isOwn: isFaceOrNeck });
  const isHand = ({ area, own }: Spot) => own <= maxOwn && area >= minArea && area <= maxArea;
  return { centreX: centre.x, centreY: centre.y, widthPx: width, spots: spots.filter(isHand) };
}

function judgeHands(samples: readonly HandSample[]): CueResult {
  const nothing = { name, score: 0.5, verdict: "no-verdict" } as const;
  if (samples.length < minFrames) return { ...nothing, says: "too few frames to tell" };
  const anchors = samples[samples.length >> 1]?.spots ?? [];
  const held = anchors.filter((anchor) => isHeld(samples, anchor)).length;
  if (held === 0) return { ...nothing, says: "no hand moves with the face" };
  return { name, score: 0.2, verdict: "spoof", says: `${held} patches of skin beside the face move with it` };
}

// --- internal ---

function isHeld(samples: readonly HandSample[], anchor: Spot): boolean {
  const found = samples.flatMap(({ centreX, centreY, widthPx, spots }) => {
    const nearest = spots
      .map((spot) => ({ spot, apart: Math.hypot(spot.x - anchor.x, spot.y - anchor.y) }))
      .sort((p, q) => p.apart - q.apart)[0];
    if (!nearest || nearest.apart > sameWithin) return [];
    const { x, y } = nearest.spot;
    return [{ x, y, inPictureX: centreX / widthPx + x, inPictureY: centreY / widthPx + y }];
  });
  if (found.length < minShare * samples.length) return false;
  const travel = spread(found.map(({ inPictureX, inPictureY }) => [inPictureX, inPictureY]));
  const wander = spread(found.map(({ x, y }) => [x, y]));
  return travel >= minTravel && wander <= maxWanderShare * travel;
}

/** Standard deviation of places, both directions together. */
function spread(places: readonly (readonly [number, number])[]): number {
  const mean = (n: 0 | 1) => places.reduce((sum, place) => sum + place[n], 0) / places.length;
  const [x, y] = [mean(0), mean(1)];
  return Math.sqrt(places.reduce((sum, [px, py]) => sum + (px - x) ** 2 + (py - y) ** 2, 0) / places.length);
}

/** With the ears, and what an open collar shows. */
function isFaceOrNeck(x: number, y: number): boolean {
  return Math.hypot(x / 0.75, y / 0.95) < 1 || (Math.abs(x) < 0.5 && y > 0 && y < 1.4);
}

function isSkinAt(rgb: Float32Array, p: number): boolean {
  const [r, g, b] = [rgb[p]!, rgb[p + 1]!, rgb[p + 2]!];
  const luma = 0.299 * r + 0.587 * g + 0.114 * b;
  const cb = 128 - 0.1687 * r - 0.3313 * g + 0.5 * b;
  const cr = 128 + 0.5 * r - 0.4187 * g - 0.0813 * b;
  return luma > 40 && cb >= 77 && cb <= 127 && cr >= 133 && cr <= 173;
}
