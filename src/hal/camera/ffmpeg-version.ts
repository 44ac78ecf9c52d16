import { execFile } from "node:child_process";
import { LintelError } from "../../core/errors.ts";

export interface FfmpegVersion {
  readonly major: number;
  readonly minor: number;
}

/** Versions from git have no number; they are newer than any that needs the old names of options. */
const unnumbered: FfmpegVersion = { major: 99, minor: 0 };

export function parseFfmpegVersion(banner: string): FfmpegVersion {
  const numbers = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(banner);
  if (numbers === null) return unnumbered;
  return { major: Number(numbers[1]), minor: Number(numbers[2]) };
}

/** Asks the installed ffmpeg for its version. Rejects with `LINTEL_E_CAMERA_LOST` when there is none. */
export function findFfmpeg(signal: AbortSignal): Promise<FfmpegVersion> {
  return new Promise((resolve, reject) => {
    execFile("ffmpeg", ["-version"], { timeout: 10_000, signal, encoding: "utf8" }, (error, stdout) => {
      if (error === null) return resolve(parseFfmpegVersion(stdout));
      if (signal.aborted) return reject(signal.reason);
      const lost = new LintelError("LINTEL_E_CAMERA_LOST", "The program ffmpeg cannot be run.", {
        hint: "Install it (apt-get install ffmpeg) or choose another camera.driver.",
        cause: error,
      });
      return reject(lost);
    });
  });
}
