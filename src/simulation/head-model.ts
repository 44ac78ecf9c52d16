import Delaunator from "delaunator";
import type { FaceMesh, Point, RgbImage } from "../pipeline/types.ts";
import { ease } from "./chance.ts";
import { lidPairs, lidStrips } from "./facemesh-points.ts";
import {
  frontalOutlineOf,
  type HeadFrame,
  headFrameOf,
  levelledPoint,
  multiply,
  type Outline,
  outlineOf,
  picturePoint,
} from "./head-frame.ts";
import { paintHead } from "./head-texture.ts";
import { lidTextures } from "./lids.ts";
import { jawDrop } from "./mouth.ts";
import type { Texture } from "./raster.ts";
import { alphaOf, findSilhouette, type Silhouette } from "./silhouette.ts";

/** A head cut out of a photograph, ready to be turned. Positions are in head units (see `HeadFrame`). */
export interface HeadModel {
  readonly texture: Texture;
  /** x, y for each point, in pixels of the texture. */
  readonly textureAt: Float32Array;
  /** x, y, z for each point as the photograph shows it, levelled. */
  readonly rest: Float32Array;
  /** x, y, z for each point as seen from straight ahead. */
  readonly frontal: Float32Array;
  /** How much each point follows the turning of the head: 1 the face, 0 the shoulders. */
  readonly follow: Float32Array;
  /** How much each point follows when the head leans. */
  readonly lean: Float32Array;
  /** Where each point goes when the eyes shut, relative to `frontal`. */
  readonly shut: Float32Array;
  /** How far each point goes down when the mouth opens wide. */
  readonly jaw: Float32Array;
  /** What covers the right and the left eye when they shut. */
  readonly lids: readonly Texture[];
  readonly triangles: Uint32Array;
  /** Texture pixels for one face width. */
  readonly faceWidthPx: number;
  /** Height of the chin below the origin. */
  readonly chinY: number;
}

/** How far the head's picture reaches around the origin, in head units. */
const reach = { left: -1.3, right: 1.3, top: -1.35, bottom: 1.35 };
const gridStep = 0.16;
/** The first points beyond the outline, as multiples of it. */
const rings = [1.09, 1.24];
const meshPoints = 468;

/** The silhouette can be computed once and kept; it is the only slow part. */
export function silhouetteOf(photo: RgbImage, mesh: FaceMesh): Silhouette {
  const frame = headFrameOf(mesh);
  return findSilhouette(photo, frame, outlineOf(mesh, frame));
}

/** `photo` and `mesh` share their pixels. */
export function buildHead(photo: RgbImage, mesh: FaceMesh, silhouette: Silhouette): HeadModel {
  const frame = headFrameOf(mesh);
  const outline = outlineOf(mesh, frame);
  const frontalOutline = frontalOutlineOf(mesh, frame);
  const around = supportPoints(photo, frame, outline);
  const count = meshPoints + around.length / 2;
  const model = {
    textureAt: new Float32Array(2 * count),
    rest: new Float32Array(3 * count),
    frontal: new Float32Array(3 * count),
    follow: new Float32Array(count),
    lean: new Float32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const isFace = i < meshPoints;
    const px = isFace ? mesh.points[3 * i]! : around[2 * (i - meshPoints)]!;
    const py = isFace ? mesh.points[3 * i + 1]! : around[2 * (i - meshPoints) + 1]!;
    const { x, y } = levelledPoint(frame, px, py);
    const z = isFace ? (mesh.points[3 * i + 2]! - frame.originZ) / frame.faceWidthPx : depthAround(outline, x, y);
    model.rest.set([x, y, z], 3 * i);
    model.frontal.set(multiply(frame.toFrontal, x, y, z), 3 * i);
    const inner = isFace
      ? skinPoint(frame, outline, { x, y, rim: frontalOutline.reach(model.frontal[3 * i]!, model.frontal[3 * i + 1]!) })
      : { x: px, y: py };
    model.textureAt.set([inner.x, inner.y], 2 * i);
    model.follow[i] = isFace ? 1 : followAround(outline, x, y);
    model.lean[i] = isFace ? 1 : 1 - ease((y - outline.chinY + 0.1) / 0.6);
  }
  const flat = flattened(model);
  const triangles = clockwise(new Delaunator(flat).triangles, flat);
  const { texture, textureAt, texelsPerFace } = paintHead({
    photo,
    alpha: alphaOf(photo, silhouette),
    gain: exposureGain(photo, mesh),
    photoAt: model.textureAt,
    flat,
    depth: model.frontal.filter((_, i) => i % 3 === 2),
    triangles,
    photoTexelsPerFace: frame.faceWidthPx,
    turned: frame.toFrontal[2],
    reach: frontalOutline.reach,
  });
  return {
    ...model,
    texture,
    textureAt,
    lids: texture.levels[0] ? lidTextures(texture.levels[0], textureAt) : [],
    shut: shutLids(model.frontal),
    jaw: jawDrop(model.frontal, meshPoints),
    triangles,
    faceWidthPx: texelsPerFace,
    chinY: outline.chinY,
  };
}

/**
 * Where a point of the face takes its colour. The outline of the mesh often lies on hair or, on the far side of a turned
 * head, beyond what can be seen: near it the texture is drawn from a little further in, so that a turn shows skin.
 */
function skinPoint(frame: HeadFrame, outline: Outline, at: Point & { readonly rim: number }): Point {
  const dx = at.x - outline.middle.x;
  const dy = at.y - outline.middle.y;
  const turned = frame.toFrontal[2];
  const isFar = Math.max(0, (Math.sign(turned) * dx) / (Math.hypot(dx, dy) || 1));
  const inset = 0.035 + 0.05 * isFar * Math.min(1, Math.abs(turned) / 0.35);
  const keep = 1 - inset * ease((at.rim - 0.78) / 0.22);
  return picturePoint(frame, outline.middle.x + dx * keep, outline.middle.y + dy * keep);
}

/** Rings about the outline, point for point, and a grid beyond them, in pixels of the photograph; they carry hair and neck. */
function supportPoints(photo: RgbImage, frame: HeadFrame, outline: Outline): Float32Array {
  const points: number[] = [];
  const add = (x: number, y: number) => {
    const p = picturePoint(frame, x, y);
    if (p.x >= 2 && p.y >= 2 && p.x <= photo.width - 3 && p.y <= photo.height - 3) points.push(p.x, p.y);
  };
  const { middle } = outline;
  for (const ring of rings) {
    for (const { x, y } of outline.points) add(middle.x + (x - middle.x) * ring, middle.y + (y - middle.y) * ring);
  }
  for (let y = reach.top; y <= reach.bottom + 1e-6; y += gridStep) {
    for (let x = reach.left; x <= reach.right + 1e-6; x += gridStep) {
      if (outline.reach(x, y) > (rings.at(-1) ?? 1) + 0.12) add(x, y);
    }
  }
  return Float32Array.from(points);
}

/** The head is round: from the outline of the face its surface runs back to the plane of the ears. */
function depthAround(outline: Outline, x: number, y: number): number {
  return outline.depth(x, y) * (1 - ease((outline.reach(x, y) - 1) / 0.8));
}

function followAround(outline: Outline, x: number, y: number): number {
  const far = 1 - 0.85 * ease((outline.reach(x, y) - 1) / 1.1);
  const neck = 1 - ease((y - outline.chinY + 0.12) / 0.42);
  return far * neck;
}

function shutLids(frontal: Float32Array): Float32Array {
  const shut = new Float32Array(frontal.length);
  for (const [upper, lower] of lidPairs) {
    for (let c = 0; c < 3; c++) shut[3 * upper + c] = (frontal[3 * lower + c]! - frontal[3 * upper + c]!) * lidTravel;
  }
  for (const [crease, lid] of lidStrips.flat()) {
    for (let c = 0; c < 3; c++) shut[3 * crease + c] = shut[3 * lid + c]! * creaseTravel;
  }
  return shut;
}

/** A shut lid covers the lower one's edge; its crease follows some of the way. */
const lidTravel = 1.2;
const creaseTravel = 0.15;

/** The exponent that brings the mean green of the face's points near 130, within reason. */
function exposureGain(photo: RgbImage, mesh: FaceMesh): number {
  let sum = 0;
  for (let i = 0; i < meshPoints; i++) {
    const x = Math.max(0, Math.min(photo.width - 1, Math.round(mesh.points[3 * i]!)));
    const y = Math.max(0, Math.min(photo.height - 1, Math.round(mesh.points[3 * i + 1]!)));
    sum += photo.rgb[(y * photo.width + x) * 3 + 1]!;
  }
  const mean = sum / meshPoints / 255;
  return Math.max(0.7, Math.min(1.8, Math.log(1 - 130 / 255) / Math.log(1 - Math.min(0.95, mean))));
}

/**
 * The points as seen from straight ahead, where none hides another: in the photograph the far cheek of a turned head may
 * lie behind its own outline.
 */
function flattened(model: { rest: Float32Array; frontal: Float32Array; follow: Float32Array }): Float32Array {
  const { rest, frontal, follow } = model;
  const flat = new Float32Array(2 * follow.length);
  for (let i = 0; i < follow.length; i++) {
    for (let c = 0; c < 2; c++) {
      flat[2 * i + c] = rest[3 * i + c]! * (1 - follow[i]!) + frontal[3 * i + c]! * follow[i]!;
    }
  }
  return flat;
}

function clockwise(triangles: Uint32Array, at: Float32Array): Uint32Array {
  const out = Uint32Array.from(triangles);
  for (let t = 0; t < out.length; t += 3) {
    const [a, b, c] = [out[t]!, out[t + 1]!, out[t + 2]!];
    const area =
      (at[2 * b]! - at[2 * a]!) * (at[2 * c + 1]! - at[2 * a + 1]!) -
      (at[2 * b + 1]! - at[2 * a + 1]!) * (at[2 * c]! - at[2 * a]!);
    if (area < 0) [out[t + 1], out[t + 2]] = [c, b];
  }
  return out;
}
