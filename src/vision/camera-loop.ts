import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { errorText, LintelError } from "../core/errors.ts";
import type { Camera } from "../hal/api.ts";
import type { Frame } from "../pipeline/types.ts";
import type { CameraProblem } from "./protocol.ts";

export interface CameraLoopParts {
  /** A camera that was never started; a lost one is thrown away. */
  openCamera(): Camera;
  readonly clock: Clock;
  onFrame(frame: Frame): Promise<void>;
  /** Null: it runs. */
  onState(problem: CameraProblem | null, reason?: string): void;
}

const firstBackoffMs = 200;
const longestBackoffMs = 2000;
/** A camera that has delivered for this long is well again. */
const stableMs = 1000;

/**
 * Takes the newest frame again and again, and a lost camera into use again, for ever. Resolves when the signal aborts, with the
 * camera stopped; rejects only when `onFrame` does: that is no fault of a camera.
 */
export async function runCameraLoop(parts: CameraLoopParts, signal: AbortSignal): Promise<void> {
  let backoffMs = firstBackoffMs;
  while (!signal.aborted) {
    const camera = parts.openCamera();
    try {
      const wasStable = await useCamera(camera, parts, signal);
      if (wasStable) backoffMs = firstBackoffMs;
    } finally {
      await camera.stop();
    }
    if (signal.aborted) return;
    await delay(backoffMs, undefined, { signal }).catch(() => {});
    backoffMs = Math.min(longestBackoffMs, backoffMs * 2);
  }
}

// --- internal ---

/** Until the camera is lost or the signal aborts. Says whether it had run well before. */
async function useCamera(camera: Camera, parts: CameraLoopParts, signal: AbortSignal): Promise<boolean> {
  let firstFrameMs: number | undefined;
  for (;;) {
    let frame: Frame;
    try {
      if (firstFrameMs === undefined) await camera.start(signal);
      frame = await camera.next(signal);
    } catch (error) {
      if (!signal.aborted) parts.onState(problemOf(error), reasonOf(error));
      return firstFrameMs !== undefined && parts.clock.nowMs() - firstFrameMs >= stableMs;
    }
    if (firstFrameMs === undefined) {
      firstFrameMs = parts.clock.nowMs();
      parts.onState(null);
    }
    await parts.onFrame(frame);
    if (signal.aborted) return true;
  }
}

function problemOf(error: unknown): CameraProblem {
  const code = error instanceof LintelError ? error.code : undefined;
  if (code === "LINTEL_E_CAMERA_FROZEN") return "frozen";
  return code === "LINTEL_E_CAMERA_REFUSED" ? "refused" : "lost";
}

function reasonOf(error: unknown): string {
  const hint = error instanceof LintelError && error.hint ? ` (${error.hint})` : "";
  return `${errorText(error)}${hint}`.slice(0, 300);
}
