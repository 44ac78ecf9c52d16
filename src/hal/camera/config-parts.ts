import { z } from "zod";

/** Pieces that several camera schemas share. */
export const frameWidth = z.number().int().min(64).max(4096).multipleOf(2).describe("Width of the pictures in pixels.");
export const frameHeight = z
  .number()
  .int()
  .min(64)
  .max(4096)
  .multipleOf(2)
  .describe("Height of the pictures in pixels.");

export const silenceMs = z
  .number()
  .int()
  .min(200)
  .max(60_000)
  .describe("No new picture for so many milliseconds means that the camera is lost.");

export const startTimeoutMs = z
  .number()
  .int()
  .min(500)
  .max(120_000)
  .describe("How many milliseconds the first picture may take.");

/** An absolute path without control characters; `what` names it in the message. */
export function absolutePath(what: string): z.ZodString {
  return z
    .string()
    .min(2)
    .max(1000)
    .regex(/^\/[^\p{Cc}]*$/u, `${what} must be an absolute path`);
}
