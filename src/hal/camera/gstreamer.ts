import { z } from "zod";
import type { Camera } from "../api.ts";
import { frameHeight, frameWidth, silenceMs, startTimeoutMs } from "./config-parts.ts";
import type { CameraDeps } from "./deps.ts";
import { RawReader } from "./raw-reader.ts";
import { redactUrls } from "./redact.ts";

/** Cameras that only GStreamer can reach, such as those on the ribbon cable of a Jetson (nvarguscamerasrc). */
export const gstreamerConfig = z.strictObject({
  driver: z.literal("gstreamer").describe("Cameras through a GStreamer pipeline, run by gst-launch-1.0."),
  pipeline: z
    .string()
    .max(2000)
    .superRefine((pipeline, context) => {
      const problem = pipelineProblem(pipeline);
      if (problem !== null) context.addIssue({ code: "custom", message: problem });
    })
    .describe("The pipeline up to pictures in ordinary memory, without a sink; Lintel adds conversion and scaling."),
  // GStreamer pads the rows of an RGB picture to four bytes; a frame here has none
  width: frameWidth.multipleOf(4).default(640),
  height: frameHeight.default(480),
  silenceMs: silenceMs.default(2000),
  startTimeoutMs: startTimeoutMs.default(15_000),
});
export type GstreamerConfig = z.infer<typeof gstreamerConfig>;

export function createGstreamerCamera(config: GstreamerConfig, deps: CameraDeps): Camera {
  const { width, height, silenceMs, startTimeoutMs } = config;
  return new RawReader(
    {
      source: { kind: "command", command: "gst-launch-1.0", args: buildGstArgs(config), frameDescriptor: 3 },
      width,
      height,
      silenceMs,
      startTimeoutMs,
      hint: "Try camera.pipeline by hand with gst-launch-1.0 and fakesink at its end; apt-get install gstreamer1.0-tools brings the program.",
      redact: redactPipeline,
    },
    deps.logger,
  );
}

/** Why a text can be no pipeline, or null; whether its elements exist is for GStreamer to say. */
export function pipelineProblem(pipeline: string): string | null {
  if (/\p{Cc}/u.test(pipeline)) return "control characters are not allowed";
  if (pipeline.replaceAll(quoted, "").includes('"')) return "a quotation mark is not closed";
  const words = wordsOf(pipeline);
  if (words.length === 0) return "a pipeline has at least a source";
  if (words[0] === "!" || words.at(-1) === "!") return "a pipeline neither begins nor ends with !";
  return null;
}

/**
 * Arguments for gst-launch-1.0: frames of rgb24 on descriptor 3, because some sources (nvarguscamerasrc) talk on the standard output.
 * Nothing passes through a shell, and no word of the pipeline is taken for an option.
 */
export function buildGstArgs({ pipeline, width, height }: GstreamerConfig): string[] {
  const caps = `video/x-raw,format=RGB,width=${width},height=${height},pixel-aspect-ratio=1/1`;
  return [
    ...["--quiet", "--", ...wordsOf(pipeline)],
    // the newest picture only; borders instead of a stretched face
    ...["!", "queue", "max-size-buffers=1", "leaky=downstream", "!", "videoconvert"],
    ...["!", "videoscale", "add-borders=true", "!", caps, "!", "fdsink", "fd=3", "sync=false"],
  ];
}

// --- internal ---

const quoted = /"(?:\\.|[^"\\])*"/g;
const word = /(?:"(?:\\.|[^"\\])*"|[^\s"])+/g;

/** Split at blanks outside of quotation marks; GStreamer puts the words together again and reads the marks itself. */
function wordsOf(pipeline: string): string[] {
  return pipeline.match(word) ?? [];
}

/** A pipeline may name a password as rtspsrc does. */
function redactPipeline(text: string): string {
  return redactUrls(text).replaceAll(/\b(user-(?:id|pw))=("[^"]*"|\S+)/g, "$1=***");
}
