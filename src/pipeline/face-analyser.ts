import type { FaceDetector } from "./detect.ts";
import type { Embedder } from "./embed.ts";
import { type LandmarkFinder, regionOfDetection, regionOfMesh } from "./landmarks.ts";
import { poseOf } from "./pose.ts";
import { assessQuality, doorLimits, lenientLimits, type QualityLimits } from "./quality.ts";
import { type QuarterTurns, rotateImage, unrotate } from "./rotate.ts";
import type { Detection, Embedding, FaceMesh, FaceQuality, Pose, RgbImage } from "./types.ts";

export interface AnalysedFace {
  readonly detection: Detection;
  readonly mesh: FaceMesh;
  readonly pose: Pose;
  readonly quality: FaceQuality;
  /** One vector for each embedder; empty when `quality.reasons` is not. */
  readonly embeddings: readonly Embedding[];
}

export interface FaceAnalyserParts {
  readonly detector: FaceDetector;
  readonly landmarks: LandmarkFinder;
  /** In the order in which vectors are wanted; the first is used for the fast path. */
  readonly embedders: readonly [Embedder, ...Embedder[]];
}

export interface AnalyseOptions {
  /** What makes a face fit to embed; default `lenientLimits`. */
  readonly limits?: QualityLimits;
  /** Embed the mirrored chip too and average; default true. */
  readonly isMirrored?: boolean;
}

/** From pixels to vectors: everything that is done to a photograph, and the short cut for a frame. */
export class FaceAnalyser {
  readonly #parts: FaceAnalyserParts;

  constructor(parts: FaceAnalyserParts) {
    this.#parts = parts;
  }

  /**
   * The careful way, for photographs: faces that fill the picture are mended, landmarks are found twice, every embedder runs.
   * The surest face comes first. A picture that lies on its side gives its faces as `turned-away` with a roll of about 90 or 180
   * degrees; an empty answer means that there is no face in any direction.
   */
  async analyse(image: RgbImage, options: AnalyseOptions = {}): Promise<AnalysedFace[]> {
    const limits = options.limits ?? lenientLimits;
    const faces = await this.#findFaces(image, limits);
    if (!faces.some(isUsable)) {
      const lying = await this.#findLying(image, limits);
      if (lying.length > 0) return lying;
    }
    const result: AnalysedFace[] = [];
    for (const face of faces) {
      result.push(isUsable(face) ? await this.#embed(image, face, options.isMirrored ?? true) : face);
    }
    return result;
  }

  /**
   * The fast way, for a frame: the surest face, each network once (detector, landmarks, first embedder). `undefined` without a
   * face. The vector is made whatever the quality; the caller judges it by `quality.reasons`.
   */
  async analyseFast(frame: RgbImage, limits: QualityLimits = doorLimits): Promise<AnalysedFace | undefined> {
    const [detection] = await this.#parts.detector.detect(frame);
    if (detection === undefined) return undefined;
    const mesh = await this.#parts.landmarks.find(frame, regionOfDetection(detection));
    const embedding = await this.#parts.embedders[0].embed(frame, mesh);
    return {
      detection,
      mesh,
      pose: poseOf(mesh),
      quality: assessQuality(frame, mesh, limits),
      embeddings: [embedding],
    };
  }

  async #findFaces(image: RgbImage, limits: QualityLimits): Promise<AnalysedFace[]> {
    let detections = await this.#parts.detector.detectWithCure(image);
    if (detections.length === 0) {
      detections = await this.#parts.detector.detectWithCure(image, { minScore: faintScore });
    }
    const faces: AnalysedFace[] = [];
    for (const detection of detections) {
      const first = await this.#parts.landmarks.find(image, regionOfDetection(detection));
      const mesh = await this.#parts.landmarks.find(image, regionOfMesh(first));
      faces.push({
        detection,
        mesh,
        pose: poseOf(mesh),
        quality: assessQuality(image, mesh, limits),
        embeddings: [],
      });
    }
    return faces;
  }

  /** Looks at the picture from the other three sides. What is found there is never embedded: whoever sent it should turn it. */
  async #findLying(image: RgbImage, limits: QualityLimits): Promise<AnalysedFace[]> {
    for (const turns of [1, 3, 2] as const satisfies readonly QuarterTurns[]) {
      const turned = rotateImage(image, turns);
      const faces = (await this.#findFaces(turned, limits)).filter(isUsable);
      if (faces.length === 0) continue;
      return faces.map((face) => {
        const { detection, mesh } = unrotate(face, turned, turns);
        return {
          detection,
          mesh,
          pose: poseOf(mesh),
          quality: { ...face.quality, reasons: ["turned-away" as const] },
          embeddings: [],
        };
      });
    }
    return [];
  }

  async #embed(image: RgbImage, face: AnalysedFace, isMirrored: boolean): Promise<AnalysedFace> {
    const embeddings: Embedding[] = [];
    for (const embedder of this.#parts.embedders) {
      embeddings.push(await embedder.embed(image, face.mesh, { isMirrored }));
    }
    return { ...face, embeddings };
  }
}

/** Where nothing is surely a face, less sure ones are looked at; the landmarks then decide. */
const faintScore = 0.25;

function isUsable(face: AnalysedFace): boolean {
  return face.quality.reasons.length === 0;
}
