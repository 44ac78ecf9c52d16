import type { Logger } from "../../core/logger.ts";
import type { Frame } from "../../pipeline/types.ts";
import { faceReader, loadCast } from "../../simulation/cast.ts";
import { roles } from "../../simulation/roles.ts";
import { renderScene, Scene } from "../../simulation/scene.ts";
import type { DoorNetworks } from "../../vision/networks.ts";

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Sizes of the frames that are timed. */
export const frameSize: FrameSize = { width: 640, height: 480 };
export const largeFrameSize: FrameSize = { width: 1280, height: 720 };

export interface FrameOptions {
  /** Where the measured photographs of the cast are kept. */
  readonly cacheDirectory: string;
  /** To measure the cast with, when that was never done. */
  readonly networks: Pick<DoorNetworks, "detector" | "landmarks">;
  readonly logger: Logger;
}

/** Two seconds of somebody who stands at the simulated door; the same frames each time. */
export async function visitFrames(options: FrameOptions, size = frameSize): Promise<Frame[]> {
  const scene = await sceneFor(options, size);
  scene.add({ id: "visitor", actor: roles.enrolled, as: "walker", enterMs: 0 });
  return render(scene, size, { fromMs: 5000, count: 30 });
}

/** The last of these frames in another size. */
export async function largeFrame(options: FrameOptions): Promise<Frame> {
  const frame = (await visitFrames(options, largeFrameSize)).at(-1);
  if (!frame) throw new Error("cannot happen: a visit has frames");
  return frame;
}

/** Two seconds of the simulated lobby with nobody in it. */
export async function emptyFrames(options: FrameOptions): Promise<Frame[]> {
  return render(await sceneFor(options, frameSize), frameSize, { fromMs: 0, count: 30 });
}

// --- internal ---

async function sceneFor({ cacheDirectory, networks, logger }: FrameOptions, size: FrameSize): Promise<Scene> {
  const openReader = async () => faceReader(networks.detector, networks.landmarks);
  const cast = await loadCast({ cacheDirectory, openReader, logger });
  return new Scene(cast, { ...size, seed: 1 });
}

function render(
  scene: Scene,
  { width, height }: FrameSize,
  { fromMs, count }: { fromMs: number; count: number },
): Frame[] {
  return Array.from({ length: count }, (_, n) => {
    const rgb = new Uint8Array(width * height * 3);
    renderScene(scene, fromMs + n * 66, rgb);
    return { rgb, width, height, capturedAtMs: 0, sequence: n };
  });
}
