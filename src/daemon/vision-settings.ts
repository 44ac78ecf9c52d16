import { join } from "node:path";
import type { z } from "zod";
import { localDevice } from "../hal/registry.ts";
import type { visionConfig } from "../vision/config.ts";
import type { LintelConfig } from "./config/schema.ts";

type VisionSettings = z.input<typeof visionConfig>;

/** Faces are embedded a little before they are near enough to want in, so that nobody waits at the limit. */
const embedBeforeRatio = 0.8;

/** What the process that looks at photographs is told: no camera. */
export function photoSettingsOf({ compute, models, stateDirectory, log }: LintelConfig): VisionSettings {
  return {
    compute,
    modelCacheDirectory: models.cacheDirectory ?? join(stateDirectory, "models"),
    logLevel: log.level,
  };
}

/** What the process that watches the door is told. */
export function visionSettingsOf(config: LintelConfig): VisionSettings {
  return {
    ...photoSettingsOf(config),
    camera: heldForLight(config),
    limits: { minFaceWidthPx: config.door.minFaceWidthPx * embedBeforeRatio },
  };
}

// --- internal ---

/** Where the display shines in colours a local camera is held meanwhile, unless it is told not to be. */
function heldForLight({ camera, liveness }: LintelConfig): LintelConfig["camera"] {
  if (liveness.colouredLight !== "deny" || camera.driver !== "ffmpeg") return camera;
  const { holdForLight = localDevice(camera) !== undefined } = camera;
  return { ...camera, holdForLight };
}
