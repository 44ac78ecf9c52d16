import sharp from "sharp";
import { errorText, LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { FaceDetector } from "../pipeline/detect.ts";
import { type LandmarkFinder, regionOfDetection, regionOfMesh } from "../pipeline/landmarks.ts";
import type { FaceMesh, RgbImage } from "../pipeline/types.ts";
import { cacheFile, type MeasuredFace, readMeasured, writeMeasured } from "./cast-cache.ts";
import { silhouetteOf } from "./head-model.ts";
import {
  crop,
  decodePhotograph,
  type Photograph,
  type PixelRect,
  photographNames,
  readPhotograph,
} from "./photographs.ts";
import type { Silhouette } from "./silhouette.ts";

/** Somebody who can play in a scene: a face of a photograph, with head and shoulders. */
export interface Actor {
  /** The photograph and the place in it from left to right: `sample3-1`. */
  readonly name: string;
  readonly photo: RgbImage;
  /** In pixels of `photo`. */
  readonly mesh: FaceMesh;
  readonly silhouette: Silhouette;
}

export type Cast = ReadonlyMap<string, Actor>;

/** Finds every face of a photograph. */
export interface FaceReader {
  faces(image: RgbImage): Promise<readonly FaceMesh[]>;
}

/** Reads faces with the networks of the pipeline: two landmark passes, for the best mesh. */
export function faceReader(detector: FaceDetector, landmarks: LandmarkFinder): FaceReader {
  return {
    async faces(image) {
      const meshes: FaceMesh[] = [];
      for (const detection of await detector.detect(image)) {
        const first = await landmarks.find(image, regionOfDetection(detection));
        meshes.push(await landmarks.find(image, regionOfMesh(first)));
      }
      return meshes;
    },
  };
}

export interface CastOptions {
  /** Where measured faces are kept between starts; they are measured anew each time without it. */
  readonly cacheDirectory?: string | undefined;
  /** Called at most once, and only when a photograph was never measured before. */
  readonly openReader: () => Promise<FaceReader>;
  readonly logger: Logger;
}

/** Everybody in the sample photographs. Throws `LINTEL_E_NOT_FOUND` when the package lacks them. */
export async function loadCast(options: CastOptions): Promise<Cast> {
  let reader: Promise<FaceReader> | undefined;
  const openReader = () => {
    reader ??= options.openReader();
    return reader;
  };
  const loaded = await Promise.all(photographNames.map((name) => loadPhotograph(name, { ...options, openReader })));
  return new Map(loaded.flat().map((actor) => [actor.name, actor]));
}

/** The actor of a name. Throws `LINTEL_E_NOT_FOUND` with the names there are. */
export function actorNamed(cast: Cast, name: string): Actor {
  const actor = cast.get(name);
  if (actor) return actor;
  throw new LintelError("LINTEL_E_NOT_FOUND", `there is no actor ${JSON.stringify(name)}`, {
    hint: `Choose one of ${[...cast.keys()].join(", ")}.`,
  });
}

/** A portrait to enrol from, as a JPEG: the original pixels with one face in them. */
export async function enrolmentPhoto(actor: Actor): Promise<Buffer> {
  const { photo } = actor;
  const { left, top, width, height } = portraitOf(actor);
  return sharp(photo.rgb, { raw: { width: photo.width, height: photo.height, channels: 3 } })
    .extract({ left, top, width, height })
    .jpeg({ quality: 92 })
    .toBuffer();
}

/** The face with hair and neck, seldom with a neighbour: what an identity photograph shows. In pixels of `photo`. */
export function portraitOf(actor: Actor): PixelRect {
  const box = extent(actor.mesh);
  return around(box, actor.photo, { side: 0.95, above: 1.05, below: 1.15 });
}

// --- internal ---

const minConfidence = 0.8;
/** How much of the photograph belongs to an actor, in face widths from the middle of the face. */
const share = { side: 1.9, above: 1.8, below: 1.9 };

async function loadPhotograph(name: string, options: CastOptions): Promise<Actor[]> {
  const photograph = await readPhotograph(name);
  const [image, faces] = await Promise.all([decodePhotograph(photograph), knownFaces(photograph, options)]);
  const measured = faces ?? (await measureAndKeep(photograph, image, options));
  return measured
    .map((face, n) => ({
      name: `${name}-${n}`,
      photo: crop(image, face.crop),
      mesh: face.mesh,
      silhouette: face.silhouette,
    }))
    .filter((actor) => actor.mesh.confidence >= minConfidence);
}

async function knownFaces(photograph: Photograph, options: CastOptions): Promise<MeasuredFace[] | undefined> {
  if (options.cacheDirectory === undefined) return undefined;
  return readMeasured(cacheFile(options.cacheDirectory, photograph.sha256));
}

async function measureAndKeep(photograph: Photograph, image: RgbImage, options: CastOptions): Promise<MeasuredFace[]> {
  const measured = await measure(image, await options.openReader());
  if (options.cacheDirectory !== undefined) {
    try {
      await writeMeasured(cacheFile(options.cacheDirectory, photograph.sha256), measured);
    } catch (error) {
      options.logger.warn({ photograph: photograph.name, reason: errorText(error) }, "measured faces cannot be kept");
    }
  }
  return measured;
}

async function measure(image: RgbImage, reader: FaceReader): Promise<MeasuredFace[]> {
  const meshes = [...(await reader.faces(image))].sort((a, b) => extent(a).x - extent(b).x);
  return meshes.map((mesh) => {
    const rect = around(extent(mesh), image, share);
    const points = Float32Array.from(mesh.points, (v, i) =>
      i % 3 === 0 ? v - rect.left : i % 3 === 1 ? v - rect.top : v,
    );
    const own = { points, confidence: mesh.confidence };
    return { crop: rect, mesh: own, silhouette: silhouetteOf(crop(image, rect), own) };
  });
}

/** Middle and width of the mesh's bounding box. */
function extent(mesh: FaceMesh): { x: number; y: number; width: number } {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < mesh.points.length; i += 3) {
    x0 = Math.min(x0, mesh.points[i]!);
    x1 = Math.max(x1, mesh.points[i]!);
    y0 = Math.min(y0, mesh.points[i + 1]!);
    y1 = Math.max(y1, mesh.points[i + 1]!);
  }
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, width: x1 - x0 };
}

function around(
  box: { x: number; y: number; width: number },
  image: RgbImage,
  reach: { side: number; above: number; below: number },
): PixelRect {
  const left = Math.max(0, Math.round(box.x - reach.side * box.width));
  const top = Math.max(0, Math.round(box.y - reach.above * box.width));
  const right = Math.min(image.width, Math.round(box.x + reach.side * box.width));
  const bottom = Math.min(image.height, Math.round(box.y + reach.below * box.width));
  return { left, top, width: right - left, height: bottom - top };
}
