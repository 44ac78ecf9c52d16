import { z } from "zod";
import { paintSettings } from "../settings.ts";

/**
 * Between the control plane and the art process: JSON Lines. The process paints one picture and ends; its first line is
 * the order. Decoding untrusted pictures happens here, so the control plane validates every message.
 */

/** Longest line of either side: a small JPEG in base64. */
export const maxArtLineBytes = 4 * 1024 * 1024;

const input = z.strictObject({
  path: z.string().min(1).max(4096),
  /** The detector looks at it before a stroke is painted. */
  mustLook: z.boolean(),
});

export const artOrder = z.strictObject({
  settings: paintSettings,
  content: input.optional(),
  styles: z.array(input.extend({ weight: z.number().min(0) })).max(8),
  title: z.string().max(500),
  /** For copies of the inputs, the checkpoint and the preview; there from the last attempt, perhaps. */
  jobDirectory: z.string().min(1).max(4096),
  /** Where the finished picture goes: this path with `.jpg`, `.mqtt.jpg` and `.json`. */
  pictureBase: z.string().min(1).max(4096),
  modelCacheDirectory: z.string().min(1).max(4096),
  threads: z.int().min(1).max(64),
  /** Painting is written to the disk every so many steps, */
  checkpointEverySteps: z.int().min(1),
  /** but not sooner than so long after the last time, in ms. */
  checkpointPauseMs: z.number().min(0),
  previewEveryMs: z.number().min(0),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type ArtOrder = z.infer<typeof artOrder>;

export const artCommand = z.discriminatedUnion("type", [
  /** The inputs may be painted. */
  z.object({ type: z.literal("go") }),
  /** Write a checkpoint after the running step and end. */
  z.object({ type: z.literal("rest") }),
]);
export type ArtCommand = z.infer<typeof artCommand>;

const count = z.int().nonnegative();

export const artMessage = z.discriminatedUnion("type", [
  /** The inputs to look at, small, as JPEG in base64; one message each. Then it waits for `go`. */
  z.object({ type: z.literal("look"), file: z.string().max(255), image: z.base64() }),
  z.object({ type: z.literal("looked-all") }),
  z.object({
    type: z.literal("progress"),
    step: count,
    steps: count,
    width: count,
    height: count,
    loss: z.number(),
  }),
  z.object({ type: z.literal("checkpoint"), step: count }),
  /** `preview.jpg` in the job's folder is new. */
  z.object({ type: z.literal("preview") }),
  /** It goes on; somebody should know. */
  z.object({ type: z.literal("trouble"), reason: z.string().max(500) }),
  z.object({ type: z.literal("resting"), step: count }),
  z.object({
    type: z.literal("done"),
    width: count,
    height: count,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    seconds: z.number().nonnegative(),
  }),
  /** `mayHelpLater`: the job is not to blame (a full disk, say), it may be tried again. */
  z.object({ type: z.literal("failed"), reason: z.string().max(500), mayHelpLater: z.boolean() }),
]);
export type ArtMessage = z.infer<typeof artMessage>;

/** Names of the files in a job's folder. */
export const jobFiles = { checkpoint: "checkpoint", preview: "preview.jpg", inputs: "inputs" } as const;
