import { readFileSync, statSync } from "node:fs";
import { systemClock } from "../core/clock.ts";
import { errorText, LintelError } from "../core/errors.ts";
import { systemTimers } from "../core/timers.ts";
import { createLogger } from "../daemon/log.ts";
import type { ProcessPhotoAnalyser } from "../daemon/photo-analyser.ts";
import { createPhotoAnalyser } from "../daemon/photo-process.ts";
import { maxPhotoBytes, type PhotoAnswer, type PhotoFace } from "../vision/protocol.ts";
import { userModelCache } from "./defaults.ts";

/** Reads a photograph for a command. Throws `LINTEL_E_UNREADABLE` (exit 2) when it is none that could be read. */
export function readPhotoFile(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > maxPhotoBytes) {
      throw new LintelError("LINTEL_E_UNREADABLE", `${file} is larger than 8 MiB`, { hint: "send a smaller copy" });
    }
    return readFileSync(file);
  } catch (error) {
    if (error instanceof LintelError) throw error;
    throw new LintelError("LINTEL_E_UNREADABLE", `cannot read ${file}: ${errorText(error)}`, {
      hint: "name a JPEG, PNG or WebP picture",
    });
  }
}

/** For commands that look at photographs without a gallery. The caller stops it. */
export function startPhotoAnalyser(): ProcessPhotoAnalyser {
  const deps = { logger: createLogger("warn"), clock: systemClock, timers: systemTimers };
  return createPhotoAnalyser({ modelCacheDirectory: userModelCache(process.env), logLevel: "warn" }, deps);
}

/** The faces of an answer; a file that was not even looked at is `LINTEL_E_UNREADABLE`. */
export function facesOf(
  file: string,
  answer: Extract<PhotoAnswer, { type: "photo" | "photo-refused" }>,
): readonly PhotoFace[] {
  if (answer.type === "photo") return answer.faces;
  throw new LintelError("LINTEL_E_UNREADABLE", `${file}: ${answer.detail}`, {
    hint: "name a JPEG, PNG or WebP picture",
  });
}
