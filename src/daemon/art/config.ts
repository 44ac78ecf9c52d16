import { z } from "zod";
import { featureNetworkNames, maxSizePx } from "../../art/settings.ts";
import { cronWindow } from "../cron-window.ts";

/** A picture of 4K takes 1.7 GB, and a checkpoint of it 0.4 GB more while it is written. */
const largeFromPx = 2048;
const largeNeedsMb = 2560;

/** The section `art` of the configuration: pictures painted at night. Off unless both folders are named. */
export const artConfig = z
  .strictObject({
    contentDirectory: z
      .string()
      .min(1)
      .optional()
      .describe("Folder of photographs to paint; new files are picked up. Absent: nothing is painted."),
    styleDirectory: z
      .string()
      .min(1)
      .optional()
      .describe("Folder of paintings whose manner is taken. Absent: nothing is painted."),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe("Where finished pictures and their provenance are kept; default: art in the state directory."),
    window: cronWindow
      .prefault({ from: "0 22 * * *", until: "0 6 * * *" })
      .describe("When painting is allowed, by the clock on the wall (zone: access.timeZone)."),
    picturesPerNight: z
      .int()
      .min(0)
      .max(100)
      .default(4)
      .describe("How many pictures are planned for one window by themselves; 0: only what is asked for."),
    network: z.enum(featureNetworkNames).default("mobilenet").describe("The features to paint with."),
    size: z.int().min(64).max(maxSizePx).default(1920).describe("Longer side of a picture, in pixels."),
    steps: z.int().min(1).max(5000).default(300).describe("Steps of the optimisation for one picture."),
    threads: z.int().min(1).max(64).default(2).describe("Threads the painting may use while nobody is at the door."),
    checkpointSteps: z
      .int()
      .min(1)
      .max(5000)
      .default(10)
      .describe("A checkpoint is written every so many steps: at most these are lost when the power fails."),
    checkpointSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(60)
      .describe("Least time between two checkpoints, in seconds: one of 1920 x 1080 is 100 MB; 0: none."),
    memoryMb: z
      .int()
      .min(256)
      .max(65536)
      .default(2048)
      .describe("A painting process that needs more memory than this is ended and its job fails, in MB."),
    keepPictures: z.int().min(1).max(10_000).default(60).describe("So many finished pictures are kept, the newest."),
    keepDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe("Pictures older than this are removed; absent: none by age."),
  })
  .refine(({ size, memoryMb }) => size <= largeFromPx || memoryMb >= largeNeedsMb, {
    error: `is too large for art.memoryMb: above ${largeFromPx} it must be ${largeNeedsMb} at least`,
    path: ["size"],
  });
export type ArtConfig = z.infer<typeof artConfig>;
