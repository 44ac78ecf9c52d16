import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorText, LintelError } from "../core/errors.ts";
import { isAbsent, writeWholeFile } from "./whole-file.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const livenessFit = z.strictObject({
  format: z.literal(1),
  weights: z.record(z.string().min(1).max(40), z.number()),
  bias: z.number(),
  denyBelow: z.number().min(0).max(1),
  /** What it was fitted on. */
  data: z.strictObject({ sha256: hash, tracks: z.int().positive(), people: z.int().positive() }),
});
/** A model with what it was fitted on. */
export type LivenessFit = z.infer<typeof livenessFit>;

export function livenessFitFile(cacheDirectory: string): string {
  return join(cacheDirectory, "liveness-fit.json");
}

/**
 * The model that was fitted for this door; undefined where none was. Throws `LINTEL_E_MODEL` for a damaged one: a door that had this
 * protection never goes on without it in silence.
 */
export async function readLivenessFit(cacheDirectory: string): Promise<LivenessFit | undefined> {
  const file = livenessFitFile(cacheDirectory);
  try {
    return livenessFit.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).split("\n")[0] : errorText(cause);
    throw new LintelError("LINTEL_E_MODEL", `${file} is no usable liveness model: ${why}`, {
      hint: "Fit it again with lintel liveness fit, or delete the file to do without.",
      cause,
    });
  }
}

/** Writes beside and renames. */
export async function writeLivenessFit(cacheDirectory: string, fit: LivenessFit): Promise<void> {
  const text = `${JSON.stringify(livenessFit.parse(fit), null, 2)}\n`;
  await writeWholeFile(livenessFitFile(cacheDirectory), [Buffer.from(text)]);
}
