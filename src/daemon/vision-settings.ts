import { join } from "node:path";
import type { z } from "zod";
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
    camera: config.camera,
    limits: { minFaceWidthPx: config.door.minFaceWidthPx * embedBeforeRatio },
  };
}
