import { seededRandom } from "../../src/core/random.ts";
import { measureEdges } from "../../src/pipeline/liveness/edges.ts";
import { type Evidence, noEvidence, withEdges, withMesh } from "../../src/pipeline/liveness/evidence.ts";
import type { RgbImage } from "../../src/pipeline/types.ts";
import { meshOf } from "./head.ts";

const size = { width: 640, height: 480 };
const random = seededRandom(3);
const wall = Uint8Array.from({ length: size.width * size.height * 3 }, () => 117 + Math.floor(6 * random()));

export type Rectangle = readonly [left: number, top: number, right: number, bottom: number, grey: number];

/** A wall with a little noise; each rectangle is [left, top, right, bottom, grey level], the last on top. */
export function picture(rectangles: readonly Rectangle[]): RgbImage {
  const rgb = Uint8Array.from(wall);
  for (const [left, top, right, bottom, grey] of rectangles) {
    const [from, to] = [Math.max(0, Math.round(left)), Math.min(size.width, Math.round(right))];
    for (let y = Math.max(0, Math.round(top)); y < Math.min(size.height, bottom); y++) {
      rgb.fill(grey, 3 * (y * size.width + from), 3 * (y * size.width + to));
    }
  }
  return { rgb, ...size };
}

/** Where the eyes of the face are. */
export interface Shown {
  readonly centreX: number;
  readonly centreY: number;
}

/** What is seen of a face that wanders through the picture for `seconds`, at ten frames a second: the evidence after each frame. */
export function watchEach(
  scene: (face: Shown) => RgbImage,
  { seconds = 2, speed = 120, depth = 0, yawDeg = (t: number) => 0 * t } = {},
): Evidence[] {
  const seen: Evidence[] = [];
  for (let n = 0; n < 10 * seconds; n++) {
    const t = n / 10;
    const face = { centreX: 230 + speed * Math.min(t, 2), centreY: 220 + 0.3 * speed * Math.min(t, 2) };
    const mesh = meshOf({ ...face, eyeDistancePx: 55, depth, yawDeg: yawDeg(t) }, random);
    const atMs = 1000 + 1000 * t;
    const shown = withMesh(seen.at(-1) ?? noEvidence, { mesh, atMs, isVerified: true });
    seen.push(withEdges(shown, measureEdges(scene(face), mesh, atMs)));
  }
  return seen;
}

/** The evidence after the last frame. */
export function watch(...how: Parameters<typeof watchEach>): Evidence {
  return watchEach(...how).at(-1) ?? noEvidence;
}

/** A sheet around the face; the synthetic face is about 86 pixels wide and its middle lies below the eyes. */
export const sheet =
  (half: readonly [number, number], grey = 210, room: readonly Rectangle[] = []) =>
  ({ centreX, centreY }: Shown): RgbImage => {
    const middle = centreY + 20;
    return picture([...room, [centreX - half[0], middle - half[1], centreX + half[0], middle + half[1], grey]]);
  };

/** Dark walls on both sides and above: they belong to the room. */
export const doorFrame = () =>
  picture([
    [0, 0, 200, 480, 60],
    [420, 0, 640, 480, 60],
    [0, 0, 640, 60, 30],
  ]);
