import { z } from "zod";
import type { Camera } from "../api.ts";
import { absolutePath, frameHeight, frameWidth, silenceMs, startTimeoutMs } from "./config-parts.ts";
import type { CameraDeps } from "./deps.ts";
import { RawReader } from "./raw-reader.ts";

/** The camera of the simulated world: raw rgb24 frames, back to back, on a unix socket. */
export const simulatedConfig = z.strictObject({
  driver: z.literal("simulated").describe("The camera of the simulated world."),
  socket: absolutePath("the socket")
    .max(107, "the name of a unix socket has at most 107 bytes")
    .default("/run/lintel/camera.sock")
    .describe("Unix socket on which the simulated world serves rgb24 frames of exactly this size."),
  width: frameWidth.default(640),
  height: frameHeight.default(480),
  silenceMs: silenceMs.default(2000),
  startTimeoutMs: startTimeoutMs.default(10_000),
});
export type SimulatedConfig = z.infer<typeof simulatedConfig>;

export function createSimulatedCamera(config: SimulatedConfig, deps: CameraDeps): Camera {
  const { socket, width, height, silenceMs, startTimeoutMs } = config;
  return new RawReader(
    {
      source: { kind: "socket", path: socket },
      width,
      height,
      silenceMs,
      startTimeoutMs,
      hint: "Check that the simulated world runs and serves this socket.",
    },
    deps.logger,
  );
}
