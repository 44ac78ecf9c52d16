import { z } from "zod";
import type { Camera } from "../api.ts";
import type { CameraDeps } from "./deps.ts";
import { createFfmpegCamera, ffmpegConfig } from "./ffmpeg.ts";
import { createNodeWebcamCamera, nodeWebcamConfig } from "./node-webcam.ts";
import { createReplayCamera, replayConfig } from "./replay.ts";
import { createSimulatedCamera, simulatedConfig } from "./simulated.ts";

/** The section `camera` of the configuration: which driver, and its own keys. */
export const cameraConfig = z.discriminatedUnion("driver", [
  ffmpegConfig,
  nodeWebcamConfig,
  replayConfig,
  simulatedConfig,
]);
export type CameraConfig = z.infer<typeof cameraConfig>;

/** Makes the chosen camera without touching the device; packages that only one driver needs are loaded by its `start`. */
export function createCamera(config: CameraConfig, deps: CameraDeps): Camera {
  switch (config.driver) {
    case "ffmpeg":
      return createFfmpegCamera(config, deps);
    case "node-webcam":
      return createNodeWebcamCamera(config, deps);
    case "replay":
      return createReplayCamera(config, deps);
    case "simulated":
      return createSimulatedCamera(config, deps);
  }
}
