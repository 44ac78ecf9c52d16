import { z } from "zod";
import { challengeActions } from "../pipeline/liveness/challenge/actions.ts";
import { lightColours } from "../pipeline/liveness/light/colours.ts";
import { type Embedding, embedderNames } from "../pipeline/types.ts";

/**
 * Between the control plane and the vision process: JSON Lines. Vision is where untrusted pixels meet native code, so the
 * control plane validates every message against these schemas and believes no number that lies outside them. All times are
 * monotonic milliseconds.
 */

/** Longest line either side accepts: an 8 MiB photograph in base64 with room for its envelope. */
export const maxVisionLineBytes = 12 * 1024 * 1024;
export const maxPhotoBytes = 8 * 1024 * 1024;

/** Float32 numbers, little endian, in base64. */
export const packedVector = z.base64().max(8192);

export const embeddingMessage = z.object({ embedder: z.enum(embedderNames), vector: packedVector });

const rate = z.number().min(0).max(1);
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export const qualityReason = z.enum([
  "too-small",
  "too-close",
  "cut-off",
  "blurred",
  "too-dark",
  "too-bright",
  "turned-away",
  "not-a-face",
]);

export const livenessMessage = z.object({
  verdict: z.enum(["live", "spoof", "no-verdict"]),
  cues: z
    .array(
      z.object({
        name: z.string().max(40),
        score: rate,
        verdict: z.enum(["live", "spoof", "no-verdict"]),
        says: z.string().max(300),
      }),
    )
    .max(16),
});

const poseMessage = z.object({ yawDeg: z.number(), pitchDeg: z.number(), rollDeg: z.number() });

const faceMessage = z.object({
  pose: poseMessage,
  faceWidthPx: z.number().nonnegative(),
  sharpness: z.number().nonnegative(),
  brightness: z.number().min(0).max(255),
  reasons: z.array(qualityReason),
});

const frameSize = z.object({ width: z.number().int().positive(), height: z.number().int().positive() });

/** `refused`: not the device that it must be. `dark`, `covered`: it runs, and shows nothing. */
export const cameraProblem = z.enum(["lost", "refused", "frozen", "dark", "covered"]);
export type CameraProblem = z.infer<typeof cameraProblem>;

/** One track in one frame. */
export const sighting = z.object({
  type: z.literal("sighting"),
  /** Unique within the life of the vision process; a face that was lost or changed identity gets a new one. */
  trackId: z.number().int().nonnegative(),
  sequence: z.number().int().nonnegative(),
  capturedAtMs: z.number(),
  frame: frameSize,
  box,
  score: rate,
  /** Present when the landmarks were found in this frame. */
  face: faceMessage.optional(),
  liveness: livenessMessage,
  /** Present while the track answers a challenge: what became of its present step. */
  challenge: z
    .object({
      id: z.string().max(64),
      step: z.number().int().min(1).max(9),
      /** `wrong`: failed by another action than the one that was asked for. */
      state: z.enum(["open", "done", "missed", "failed", "wrong"]),
      says: z.string().max(200),
    })
    .optional(),
  /** Present when this frame went up for a decision. */
  embedding: embeddingMessage.optional(),
  /** Of another embedder, beside it. */
  secondEmbedding: embeddingMessage.optional(),
});
export type Sighting = z.infer<typeof sighting>;

/** The networks are loaded. `models`: SHA-256 of each, by its name. */
const readyMessage = z.object({
  type: z.literal("ready"),
  engine: z.string(),
  device: z.string(),
  precision: z.enum(["float32", "int8"]).optional(),
  models: z.record(z.string(), z.string()),
});

/** From the camera's vision process to the control plane. */
export const visionMessage = z.discriminatedUnion("type", [
  readyMessage,
  sighting,
  z.object({ type: z.literal("track-ended"), trackId: z.number().int().nonnegative(), atMs: z.number() }),
  z.object({
    type: z.literal("camera"),
    state: z.enum(["ok", "lost"]),
    /** Why nobody can be recognised; with state `ok` the camera delivers, and there is nothing to see. */
    problem: cameraProblem.optional(),
    reason: z.string().max(300).optional(),
    atMs: z.number(),
  }),
  /** At least one a second: the verdict that vision works. `frameAgeMs` null: no frame since the camera was lost. */
  z.object({
    type: z.literal("health"),
    fps: z.number().nonnegative(),
    frameAgeMs: z.number().nonnegative().nullable(),
    latencyMs: z.object({ p50: z.number(), p95: z.number() }).nullable(),
    isIdle: z.boolean(),
    atMs: z.number(),
  }),
  /** What the camera sees, for as long as somebody aims it and asked to see it. */
  z.object({
    type: z.literal("aim"),
    atMs: z.number(),
    /** JPEG. */
    image: z.base64().max(160 * 1024),
    frame: frameSize,
    faces: z.array(z.object({ box, face: faceMessage.optional(), liveness: livenessMessage })).max(8),
  }),
]);
export type VisionMessage = z.infer<typeof visionMessage>;

/** From the control plane to the camera's vision process. */
export const visionCommand = z.discriminatedUnion("type", [
  /** `decided`: nothing more is needed from this track than that it is still there. `open`: judge it again. */
  z.object({ type: z.literal("track"), trackId: z.number().int().nonnegative(), state: z.enum(["open", "decided"]) }),
  /** The display shows this step of a challenge to the track since `fromMs`; it may be done until `untilMs`. */
  z.object({
    type: z.literal("challenge"),
    trackId: z.number().int().nonnegative(),
    id: z.string().min(1).max(64),
    step: z.number().int().min(1).max(9),
    action: z.enum(challengeActions),
    fromMs: z.number(),
    untilMs: z.number(),
  }),
  /** The display stands in this colour before the track since `fromMs`, until `untilMs`. */
  z.object({
    type: z.literal("light"),
    trackId: z.number().int().nonnegative(),
    id: z.string().min(1).max(64),
    step: z.number().int().min(1).max(9),
    colour: z.enum(lightColours),
    fromMs: z.number(),
    untilMs: z.number(),
  }),
  /** The display is about to shine in colours: until then the camera keeps its exposure, gain and white balance, where it can. */
  z.object({ type: z.literal("hold"), untilMs: z.number() }),
  /** Show what the camera sees, a few pictures a second until then. */
  z.object({ type: z.literal("aim"), untilMs: z.number() }),
]);
export type VisionCommand = z.infer<typeof visionCommand>;

/** What a photograph is for: a person is known by an `enrolment` from then on, so it is judged more strictly. */
export const photoPurpose = z.enum(["enrolment", "comparison"]);
export type PhotoPurpose = z.infer<typeof photoPurpose>;

/** To `vision --photos`: one request, one answer with the same id. */
export const photoRequest = z.object({
  type: z.literal("photo"),
  id: z.string().max(64),
  image: z.base64(),
  purpose: photoPurpose,
});
export type PhotoRequest = z.infer<typeof photoRequest>;

export const photoFace = z.object({
  box,
  score: rate,
  pose: poseMessage,
  faceWidthPx: z.number().nonnegative(),
  sharpness: z.number().nonnegative(),
  brightness: z.number().min(0).max(255),
  reasons: z.array(qualityReason),
  /** Empty when the face is not fit to embed. */
  embeddings: z.array(embeddingMessage).max(embedderNames.length),
});
export type PhotoFace = z.infer<typeof photoFace>;

/** Why a file was not even looked at. */
export const photoProblem = z.enum([
  "empty",
  "not-an-image",
  "corrupt",
  "too-large",
  "too-many-pixels",
  "animated",
  "timeout",
]);
export type PhotoProblem = z.infer<typeof photoProblem>;

export const photoAnswer = z.discriminatedUnion("type", [
  readyMessage,
  z.object({
    type: z.literal("photo"),
    id: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    faces: z.array(photoFace).max(64),
  }),
  z.object({ type: z.literal("photo-refused"), id: z.string(), problem: photoProblem, detail: z.string().max(300) }),
]);
export type PhotoAnswer = z.infer<typeof photoAnswer>;

export function packVector(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}

/** Throws a RangeError when the bytes are no whole number of floats or a number is not finite. */
export function unpackVector(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.length % 4 !== 0) throw new RangeError("a vector must be whole 32-bit floats");
  const vector = new Float32Array(bytes.length / 4);
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatLE(i * 4);
  if (!vector.every(Number.isFinite)) throw new RangeError("a vector must hold finite numbers");
  return vector;
}

export function packEmbedding({ embedder, vector }: Embedding): z.infer<typeof embeddingMessage> {
  return { embedder, vector: packVector(vector) };
}

/** Throws a RangeError as `unpackVector` does. */
export function unpackEmbedding({ embedder, vector }: z.infer<typeof embeddingMessage>): Embedding {
  return { embedder, vector: unpackVector(vector) };
}
