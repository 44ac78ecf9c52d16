import type { Clock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { doorLimits } from "../../src/pipeline/quality.ts";
import { faceReader, loadCast } from "../../src/simulation/cast.ts";
import { renderScene, type Scene } from "../../src/simulation/scene.ts";
import { visionConfig } from "../../src/vision/config.ts";
import { type DoorNetworks, openConfiguredEngine, openDoorNetworks } from "../../src/vision/networks.ts";
import type { VisionMessage } from "../../src/vision/protocol.ts";
import { Watcher } from "../../src/vision/watcher.ts";
import { testModelCache } from "./model-cache.ts";

export { testModelCache };

export const visionTestConfig = visionConfig.parse({ modelCacheDirectory: testModelCache, logLevel: "silent" });

export async function openTestEngine() {
  return openConfiguredEngine(visionTestConfig, silentLogger);
}

export async function openTestNetworks(): Promise<DoorNetworks> {
  return openDoorNetworks((await openTestEngine()).engine);
}

/** The real cast; what is measured of it is kept where simulated worlds look for it too. */
export function castFor(networks: DoorNetworks) {
  return loadCast({
    cacheDirectory: testModelCache,
    openReader: async () => faceReader(networks.detector, networks.landmarks),
    logger: silentLogger,
  });
}

/** Shows a watcher a scene frame by frame, in the scene's own time; returns all it said. */
export async function watchScene(
  networks: DoorNetworks,
  scene: Scene,
  { fps = 10, untilMs }: { fps?: number; untilMs: number },
): Promise<VisionMessage[]> {
  const { width, height } = scene.optics;
  const rgb = new Uint8Array(width * height * 3);
  const messages: VisionMessage[] = [];
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, date: () => new Date(0) };
  const watcher = new Watcher({
    networks,
    limits: doorLimits,
    scheduling: visionTestConfig.scheduling,
    clock,
    send: (message) => messages.push(message),
  });
  for (let sequence = 0; sequence * (1000 / fps) < untilMs; sequence++) {
    nowMs = sequence * (1000 / fps);
    renderScene(scene, nowMs, rgb);
    await watcher.look({ rgb, width, height, capturedAtMs: nowMs, sequence });
  }
  return messages;
}
