import type { AdmissionPolicy } from "../../daemon/admission/types.ts";
import { lintelConfig } from "../../daemon/config/schema.ts";
import { visionSettingsOf } from "../../daemon/vision-settings.ts";
import { type VisionConfig, visionConfig } from "../../vision/config.ts";

/** A door as it is configured when nothing is said but where its devices are. */
const config = lintelConfig.parse({
  camera: { driver: "replay", path: "/none" },
  gpio: { driver: "simulated", socketPath: "/none", outputs: { strike: { line: 0 } } },
});

/** What the door's vision process would be told. */
export function defaultVision(modelCacheDirectory: string): VisionConfig {
  const { compute, limits } = visionSettingsOf(config);
  return visionConfig.parse({ compute, limits, modelCacheDirectory });
}

/** The rules of the door; liveness is required. */
export const defaultPolicy: AdmissionPolicy = {
  minFaceWidthPx: config.door.minFaceWidthPx,
  maxYawDeg: config.door.maxYawDeg,
  intentMs: config.door.intentMs,
  area: config.door.area ?? null,
  restMs: config.door.restSeconds * 1000,
  factorWaitMs: config.access.badgeAfterSeconds * 1000,
  requiresLiveness: true,
};
