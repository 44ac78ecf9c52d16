import type { FaceDetector, QuarterTurns } from "./detect.ts";
import type { Embedder } from "./embed.ts";
import { type LandmarkFinder, regionOfDetection, regionOfMesh } from "./landmarks.ts";
import { poseOf } from "./pose.ts";
import { assessQuality, comparisonLimits, doorLimits, type QualityLimits } from "./quality.ts";
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
  /** What makes a face fit to embed; default `comparisonLimits`. */
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
    const limits = options.limits ?? comparisonLimits;
    const upright = await this.#findFaces(image, { limits, turns: 0, isThorough: true });
    const faces = (await this.#findLying(image, { limits, upright })) ?? upright;
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

  async #findFaces(
    image: RgbImage,
    { limits, turns, isThorough }: { limits: QualityLimits; turns: QuarterTurns; isThorough: boolean },
  ): Promise<AnalysedFace[]> {
    let detections = await this.#parts.detector.detectWithCure(image, { turns });
    if (detections.length === 0 && isThorough) {
      detections = await this.#parts.detector.detectWithCure(image, { turns, minScore: faintScore });
    }
    const faces: AnalysedFace[] = [];
    for (const detection of detections) {
      const first = await this.#parts.landmarks.find(image, regionOfDetection(detection));
      const mesh = await this.#parts.landmarks.find(image, regionOfMesh(first));
      // What is only faintly a face to the detector must be one to the landmarks.
      if (detection.score < sureScore && mesh.confidence < limits.minConfidence) continue;
      const quality = assessQuality(image, mesh, limits);
      faces.push({ detection, mesh, pose: poseOf(mesh), quality, embeddings: [] });
    }
    return faces;
  }

  /**
   * Looks at the picture from the other three sides and gives the faces of one of them if the surest face of all lies on its
   * side or head: a detector finds something in such a face the wrong way round too, and the vector of that would mean nothing.
   * (Of 46 portraits none was refused upright and none passed at 90, 180 or 270 degrees; without this look a quarter to a half did.)
   */
  async #findLying(
    image: RgbImage,
    { limits, upright }: { limits: QualityLimits; upright: readonly AnalysedFace[] },
  ): Promise<AnalysedFace[] | undefined> {
    let best = surest(upright, 0);
    let lying: AnalysedFace[] | undefined;
    for (const turns of [1, 2, 3] as const) {
      const faces = await this.#findFaces(image, { limits, turns, isThorough: !upright.some(isUsable) });
      const found = surest(faces, turns);
      if (found === undefined || (best !== undefined && found.evidence <= best.evidence)) continue;
      best = found;
      lying = faces;
    }
    // A face that is only tilted is found from two sides; the upright view counts then.
    const isTilted = best !== undefined && Math.abs(best.face.pose.rollDeg) <= limits.maxRollDeg;
    return isTilted && upright.some(isUsable) ? undefined : lying;
  }

  async #embed(image: RgbImage, face: AnalysedFace, isMirrored: boolean): Promise<AnalysedFace> {
    const embeddings: Embedding[] = [];
    for (const embedder of this.#parts.embedders) {
      embeddings.push(await embedder.embed(image, face.mesh, { isMirrored }));
    }
    return { ...face, embeddings };
  }
}

const sureScore = 0.5;
/** Where nothing is surely a face, less sure ones are looked at; the landmarks then decide. */
const faintScore = 0.25;

/** The surest of the faces that stand more or less upright when the picture is turned like this. */
function surest(
  faces: readonly AnalysedFace[],
  turns: QuarterTurns,
): { readonly face: AnalysedFace; readonly evidence: number } | undefined {
  let best: { face: AnalysedFace; evidence: number } | undefined;
  for (const face of faces) {
    const rollDeg = Math.abs(((face.pose.rollDeg + 90 * turns + 540) % 360) - 180);
    if (rollDeg > 60 || face.mesh.confidence < 0.5) continue;
    const evidence = logit(face.detection.score) + logit(face.mesh.confidence);
    if (best === undefined || evidence > best.evidence) best = { face, evidence };
  }
  return best;
}

function logit(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p / (1 - p));
}

function isUsable(face: AnalysedFace): boolean {
  return face.quality.reasons.length === 0;
}
