import type { Clock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { doorLimits } from "../../src/pipeline/quality.ts";
import { type Cast, faceReader, loadCast } from "../../src/simulation/cast.ts";
import { renderScene, Scene } from "../../src/simulation/scene.ts";
import { FigureMaker, type Species } from "../../src/simulation/species.ts";
import { visionConfig } from "../../src/vision/config.ts";
import { type DoorNetworks, openConfiguredEngine, openDoorNetworks } from "../../src/vision/networks.ts";
import type { Sighting, VisionMessage } from "../../src/vision/protocol.ts";
import { Watcher } from "../../src/vision/watcher.ts";
import { testModelCache } from "./model-cache.ts";

export { testModelCache };

/** What is drawn of a face is kept for its next visit. */
const figureMaker = new FigureMaker();

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

/** A watcher with the real networks before rendered pictures, in their own time. */
export class RenderedWatch {
  readonly messages: VisionMessage[] = [];
  readonly watcher: Watcher;
  #nowMs = 0;
  #sequence = 0;

  constructor(networks: DoorNetworks) {
    const clock: Clock = { nowMs: () => this.#nowMs, date: () => new Date(0) };
    const send = (message: VisionMessage) => this.messages.push(message);
    this.watcher = new Watcher({ networks, limits: doorLimits, scheduling: visionTestConfig.scheduling, clock, send });
  }

  get sightings(): Sighting[] {
    return this.messages.filter((message) => message.type === "sighting");
  }

  /** The track that was seen last; 0 before there is one. */
  get trackId(): number {
    return this.sightings.at(-1)?.trackId ?? 0;
  }

  /** Shows one picture of a scene as the camera would deliver it. */
  async see(scene: Scene, atMs: number, { isMirrored = false } = {}): Promise<void> {
    const { width, height } = scene.optics;
    const rgb = new Uint8Array(width * height * 3);
    renderScene(scene, atMs, rgb);
    this.#nowMs = atMs;
    const picture = { rgb: isMirrored ? mirrored(rgb, width) : rgb, width, height };
    await this.watcher.look({ ...picture, capturedAtMs: atMs, sequence: this.#sequence++ });
  }
}

/** A scene with one visitor who stands 0.75 m before the door and is, if the species allows, the actor named. */
export function visitorScene(cast: Cast, actor: string, as: Species, more: { displayLight?: number } = {}): Scene {
  const scene = new Scene(cast, { width: 640, height: 480, seed: 4, maker: figureMaker, ...more });
  scene.add({ id: "visitor", actor, as, enterMs: 0, standM: 0.75 });
  return scene;
}

/** Shows a watcher a scene frame by frame, in the scene's own time; returns all it said. */
export async function watchScene(
  networks: DoorNetworks,
  scene: Scene,
  { fps = 10, untilMs }: { fps?: number; untilMs: number },
): Promise<VisionMessage[]> {
  const watch = new RenderedWatch(networks);
  for (let atMs = 0; atMs < untilMs; atMs += 1000 / fps) await watch.see(scene, atMs);
  return watch.messages;
}

function mirrored(rgb: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(rgb.length);
  for (let row = 0; row < rgb.length; row += 3 * width) {
    for (let x = 0; x < width; x++) {
      out.set(rgb.subarray(row + 3 * x, row + 3 * x + 3), row + 3 * (width - 1 - x));
    }
  }
  return out;
}
