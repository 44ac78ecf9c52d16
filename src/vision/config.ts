import { z } from "zod";
import { cameraConfig } from "../hal/registry.ts";
import { jumpWithinMs } from "../pipeline/continuity.ts";
import { doorLimits } from "../pipeline/quality.ts";

/** How often what is looked at, in milliseconds. */
export const visionScheduling = z.strictObject({
  /** A face that is still to be decided on is embedded this often. */
  embedEveryMs: z.number().min(0).max(5000).default(150),
  /** The detector looks at a still scene this often all the same. */
  lookEveryMs: z.number().min(0).max(1000).default(1000),
  /**
   * While somebody is still to be decided on, the detector looks this often, and landmarks follow the face between. At 10 pictures
   * a second and fewer it looks at each.
   */
  detectEveryMs: z
    .number()
    .min(0)
    .max(jumpWithinMs / 2)
    .default(90),
  /** While all who are there have been decided on, the detector looks this often: often enough that no jump goes unseen. */
  decidedEveryMs: z
    .number()
    .min(0)
    .max(jumpWithinMs / 2)
    .default(90),
  /** So many faces, the largest first, are looked at closely in one frame. */
  maxFaces: z.int().min(1).max(8).default(3),
  healthEveryMs: z.number().min(50).max(1000).default(500),
});

/**
 * What a vision process is told: one JSON document on the first line of its standard input. It holds no secret beyond what
 * the camera's own configuration needs.
 */
export const visionConfig = z.strictObject({
  /** Needed to watch a door; the photo mode has no camera. */
  camera: cameraConfig.optional(),
  compute: z
    .strictObject({
      engine: z.enum(["auto", "tfjs", "onnx"]).default("auto"),
      device: z.string().max(40).default("auto"),
      threads: z.int().min(1).max(64).default(1),
      precision: z.enum(["float32", "int8"]).default("float32"),
    })
    .prefault({}),
  /** Directory in which compiled networks are kept between starts. */
  modelCacheDirectory: z.string().min(1).max(4096),
  /** What a face at the door must be like to be embedded; what is left out keeps the default (see `doorLimits`). */
  limits: z
    .strictObject({
      minConfidence: z.number().min(0).max(1).default(doorLimits.minConfidence),
      minFaceWidthPx: z.number().min(0).default(doorLimits.minFaceWidthPx),
      maxFaceWidth: z.number().min(0).default(doorLimits.maxFaceWidth),
      maxOutside: z.number().min(0).max(1).default(doorLimits.maxOutside),
      minSharpness: z.number().min(0).default(doorLimits.minSharpness),
      minBrightness: z.number().min(0).max(255).default(doorLimits.minBrightness),
      maxBrightness: z.number().min(0).max(255).default(doorLimits.maxBrightness),
      maxYawDeg: z.number().min(0).max(90).default(doorLimits.maxYawDeg),
      maxPitchDeg: z.number().min(0).max(90).default(doorLimits.maxPitchDeg),
      maxRollDeg: z.number().min(0).max(180).default(doorLimits.maxRollDeg),
    })
    .prefault({}),
  scheduling: visionScheduling.prefault({}),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type VisionConfig = z.infer<typeof visionConfig>;
export type VisionScheduling = VisionConfig["scheduling"];
