import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where measuring material lies when it lies beside the project. */
export const sharedData = resolve(
  process.env.LINTEL_SHARED ?? fileURLToPath(new URL("../../../shared", import.meta.url)),
  "data",
);

/** Why tests on clips cannot run here; undefined when they can. */
export function clipsMissing(): string | undefined {
  if (!existsSync(`${sharedData}/clips`)) return "no clips beside the project (set LINTEL_SHARED)";
  if (spawnSync("ffmpeg", ["-version"]).status !== 0) return "ffmpeg is not installed";
  return undefined;
}
