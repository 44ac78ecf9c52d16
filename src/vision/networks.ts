import type { Logger } from "../core/logger.ts";
import { openEngine } from "../hal/registry.ts";
import { ModelStore } from "../models/store.ts";
import { FaceDetector } from "../pipeline/detect.ts";
import { Embedder } from "../pipeline/embed.ts";
import type { Engine, Network, NetworkName } from "../pipeline/engine.ts";
import { LandmarkFinder } from "../pipeline/landmarks.ts";
import type { VisionConfig } from "./config.ts";

/** What the networks do for a door. */
export interface DoorNetworks {
  readonly detector: FaceDetector;
  readonly landmarks: LandmarkFinder;
  readonly embedder: Embedder;
}

/** Photographs are embedded with every embedder that a template holds. */
export interface PhotoNetworks extends DoorNetworks {
  readonly secondEmbedder: Embedder;
}

/** An engine and, once its networks are open, which exact models they are (name to SHA-256). */
export interface OpenedEngine {
  readonly engine: Engine;
  readonly models: Readonly<Record<string, string>>;
}

/** Throws `LINTEL_E_CONFIG` for an engine or device that this version does not have. */
export async function openConfiguredEngine(config: VisionConfig, logger: Logger): Promise<OpenedEngine> {
  const store = new ModelStore({ cacheDirectory: config.modelCacheDirectory, logger });
  const models: Record<string, string> = {};
  const source = {
    load: async (name: NetworkName) => {
      const model = await store.load(name);
      models[name] = model.sha256;
      return model;
    },
  };
  return { engine: await openEngine({ ...config.compute, source, logger }), models };
}

/** Opens the door's networks side by side and runs each once: the first run is slower than all that follow. */
export async function openDoorNetworks(engine: Engine): Promise<DoorNetworks> {
  const [detector, landmarks, embedder] = await Promise.all([
    warm(engine, "blazeface"),
    warm(engine, "facemesh"),
    warm(engine, "dlib"),
  ]);
  return {
    detector: new FaceDetector(detector),
    landmarks: new LandmarkFinder(landmarks),
    embedder: new Embedder("dlib", embedder),
  };
}

export async function openPhotoNetworks(engine: Engine): Promise<PhotoNetworks> {
  const [door, second] = await Promise.all([openDoorNetworks(engine), warm(engine, "faceres")]);
  return { ...door, secondEmbedder: new Embedder("faceres", second) };
}

// --- internal ---

async function warm(engine: Engine, name: NetworkName): Promise<Network> {
  const network = await engine.open(name);
  await network.run(new Float32Array(network.inputWidth * network.inputHeight * 3));
  return network;
}
