import { z } from "zod";
import type { Camera } from "../api.ts";
import type { CameraDeps } from "./deps.ts";
import { createFfmpegCamera, type FfmpegConfig, ffmpegConfig } from "./ffmpeg.ts";
import { createGstreamerCamera, gstreamerConfig } from "./gstreamer.ts";
import { type CameraIdentity, PinnedCamera } from "./identity.ts";
import { createNodeWebcamCamera, nodeWebcamConfig } from "./node-webcam.ts";
import { createReplayCamera, replayConfig } from "./replay.ts";
import { createSimulatedCamera, simulatedConfig } from "./simulated.ts";
import { SteadyCamera } from "./steady-camera.ts";

/** The section `camera` of the configuration: which driver, and its own keys. */
export const cameraConfig = z.discriminatedUnion("driver", [
  ffmpegConfig,
  gstreamerConfig,
  nodeWebcamConfig,
  replayConfig,
  simulatedConfig,
]);
export type CameraConfig = z.infer<typeof cameraConfig>;

/** Makes the chosen camera without touching the device; packages that only one driver needs are loaded by its `start`. */
export function createCamera(config: CameraConfig, deps: CameraDeps): Camera {
  switch (config.driver) {
    case "ffmpeg":
      return steady(pinned(createFfmpegCamera(config, deps), config.source, config.identity), config, deps);
    case "gstreamer":
      return createGstreamerCamera(config, deps);
    case "node-webcam":
      return pinned(createNodeWebcamCamera(config, deps), config.device, config.identity);
    case "replay":
      return createReplayCamera(config, deps);
    case "simulated":
      return createSimulatedCamera(config, deps);
  }
}

/** The device behind a local camera, as the kernel names it; undefined for cameras that are none of this machine. */
export function localDevice(config: CameraConfig): string | undefined {
  const device = config.driver === "ffmpeg" ? config.source : config.driver === "node-webcam" ? config.device : "";
  return device.startsWith("/dev/") ? device : undefined;
}

// --- internal ---

function pinned(camera: Camera, device: string, identity: CameraIdentity | undefined): Camera {
  return identity === undefined ? camera : new PinnedCamera(camera, { device, identity });
}

function steady(camera: Camera, { source, holdForLight }: FfmpegConfig, { logger }: CameraDeps): Camera {
  return holdForLight ? new SteadyCamera(camera, { device: source, logger }) : camera;
}
