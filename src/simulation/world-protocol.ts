import { z } from "zod";
import { prompts } from "./motion.ts";
import { speciesNames } from "./species.ts";

/** What is said to the world process over its standard input, and what it answers: JSON Lines. */

export const maxWorldLineBytes = 64 * 1024;

/** The first line. */
export const worldConfig = z.strictObject({
  /** Unix socket for cameras: raw rgb24 frames, back to back. */
  socketPath: z.string().min(1).max(107),
  width: z.number().int().min(160).max(1920).default(640),
  height: z.number().int().min(120).max(1080).default(480),
  fps: z.number().min(1).max(60).default(15),
  seed: z.number().int().nonnegative().default(1),
  /** Where compiled networks and measured photographs are kept between starts. */
  cacheDirectory: z.string().min(1),
  /** A scenario file that runs from the start; without it the scene is empty and directed by commands only. */
  scenario: z.string().min(1).optional(),
});
export type WorldConfig = z.infer<typeof worldConfig>;
/** As it may be written: what has a default may be left out. */
export type WorldConfigInput = z.input<typeof worldConfig>;

const id = z.string().min(1).max(40);

export const worldCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("enter"),
    id,
    actor: z.string().min(1),
    as: z.enum(speciesNames).default("walker"),
    from: z.enum(["left", "right"]).optional(),
    standM: z.number().min(0.45).max(1.8).optional(),
    besideM: z.number().min(-0.8).max(0.8).optional(),
  }),
  z.strictObject({ type: z.literal("leave"), id }),
  /** What the door display shows from now on; null: nothing that asks. */
  z.strictObject({ type: z.literal("prompt"), prompt: z.enum(prompts).nullable() }),
  /** Everybody is gone at once and nothing is asked. */
  z.strictObject({ type: z.literal("clear") }),
  /** The camera's process hangs: connections stay, no frame comes. */
  z.strictObject({ type: z.literal("freeze") }),
  /** The stream is stuck: the same picture again and again, to the bit. */
  z.strictObject({ type: z.literal("repeat") }),
  /** The camera is gone: connections end, new ones are refused. */
  z.strictObject({ type: z.literal("unplug") }),
  /** Ends these faults. */
  z.strictObject({ type: z.literal("replug") }),
]);
export type WorldCommand = z.infer<typeof worldCommand>;
export type WorldCommandInput = z.input<typeof worldCommand>;

export const worldMessage = z.discriminatedUnion("type", [
  /** The socket accepts cameras. */
  z.object({ type: z.literal("ready"), actors: z.array(z.string()) }),
  /** Who is before the camera, the farthest first; sent whenever it changes. */
  z.object({ type: z.literal("present"), ids: z.array(z.string()) }),
  /** A command was not understood or cannot be done; nothing changed. */
  z.object({ type: z.literal("refused"), reason: z.string() }),
]);
export type WorldMessage = z.infer<typeof worldMessage>;
