/** The vocabulary of the vision rooms. Pixels are those of the upright picture, the origin is its top left corner. */

/** Interleaved 8-bit sRGB, row by row: `rgb.length === width * height * 3`. */
export interface RgbImage {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture from a camera. The pixels are valid until the next frame is taken from the same camera. */
export interface Frame extends RgbImage {
  /** Monotonic milliseconds (see core/clock) at which the frame was complete. */
  readonly capturedAtMs: number;
  /** Counts the frames the camera delivered, dropped ones included. */
  readonly sequence: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A face as the detector sees it. `score` is a probability; left and right are the person's own. */
export interface Detection {
  readonly box: Box;
  readonly score: number;
  readonly keypoints: {
    readonly rightEye: Point;
    readonly leftEye: Point;
    readonly nose: Point;
    readonly mouth: Point;
    readonly rightEar: Point;
    readonly leftEar: Point;
  };
}

/** The 468 points of MediaPipe FaceMesh. */
export interface FaceMesh {
  /** x, y, z for each point (length 1404): x and y in pixels of the picture, z in the same unit, smaller is nearer. */
  readonly points: Float32Array;
  /** Probability that there is a face under the mesh. */
  readonly confidence: number;
}

/** Where the head points, in degrees. Yaw > 0: to the person's left. Pitch > 0: up. Roll > 0: clockwise as we see it. */
export interface Pose {
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

/** Why a picture of a face should not be embedded; told to the person as what to do. */
export type QualityReason =
  | "too-small"
  | "too-close"
  | "cut-off"
  | "blurred"
  | "too-dark"
  | "too-bright"
  | "turned-away"
  | "not-a-face";

export interface FaceQuality {
  /** Width of the face (ear to ear, by the mesh's bounding box) in pixels. */
  readonly faceWidthPx: number;
  /** Variance of the Laplacian over the aligned face in grey levels squared, scale-normalised. */
  readonly sharpness: number;
  /** Mean luminance of the face, 0 to 255. */
  readonly brightness: number;
  /** Every reason that applies; empty means fit to embed. */
  readonly reasons: readonly QualityReason[];
}

/** Names of the embedders whose vectors a template may hold. */
export type EmbedderName = "dlib" | "faceres" | "sface-2021dec" | "auraface-v1" | "mobileface-v2";
/** All of them: those that come with the packages, then those that an operator may install. */
export const embedderNames = ["dlib", "faceres", "sface-2021dec", "auraface-v1", "mobileface-v2"] as const;

export interface Embedding {
  readonly embedder: EmbedderName;
  /** dlib: 128 numbers, compared by Euclidean distance. faceres: 1024 numbers of length one. The installed ones: 128 or 512 of length one. */
  readonly vector: Float32Array;
}

/** What one liveness cue says about a track. `score`: 0 = surely an artefact, 1 = surely live, 0.5 = knows nothing. */
export interface CueResult {
  readonly name: string;
  readonly score: number;
  readonly verdict: LivenessVerdict;
  /** One sentence for the installer. */
  readonly says: string;
}

export type LivenessVerdict = "live" | "spoof" | "no-verdict";

export interface Liveness {
  readonly verdict: LivenessVerdict;
  readonly cues: readonly CueResult[];
}
