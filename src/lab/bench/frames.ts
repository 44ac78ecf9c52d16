import type { Logger } from "../../core/logger.ts";
import type { Frame } from "../../pipeline/types.ts";
import { faceReader, loadCast } from "../../simulation/cast.ts";
import { roles } from "../../simulation/roles.ts";
import { renderScene, Scene } from "../../simulation/scene.ts";
import type { DoorNetworks } from "../../vision/networks.ts";

/** Size of the frames that are timed. */
export const frameSize = { width: 640, height: 480 } as const;

export interface FrameOptions {
  /** Where the measured photographs of the cast are kept. */
  readonly cacheDirectory: string;
  /** To measure the cast with, when that was never done. */
  readonly networks: Pick<DoorNetworks, "detector" | "landmarks">;
  readonly logger: Logger;
}

/** Two seconds of somebody who stands at the simulated door; the same frames each time. */
export async function visitFrames(options: FrameOptions): Promise<Frame[]> {
  const scene = await sceneFor(options);
  scene.add({ id: "visitor", actor: roles.enrolled, as: "walker", enterMs: 0 });
  return render(scene, 5000, 30);
}

/** Two seconds of the simulated lobby with nobody in it. */
export async function emptyFrames(options: FrameOptions): Promise<Frame[]> {
  return render(await sceneFor(options), 0, 30);
}

// --- internal ---

async function sceneFor({ cacheDirectory, networks, logger }: FrameOptions): Promise<Scene> {
  const openReader = async () => faceReader(networks.detector, networks.landmarks);
  const cast = await loadCast({ cacheDirectory, openReader, logger });
  return new Scene(cast, { ...frameSize, seed: 1 });
}

function render(scene: Scene, fromMs: number, count: number): Frame[] {
  return Array.from({ length: count }, (_, n) => {
    const rgb = new Uint8Array(frameSize.width * frameSize.height * 3);
    renderScene(scene, fromMs + n * 66, rgb);
    return { rgb, ...frameSize, capturedAtMs: 0, sequence: n };
  });
}
