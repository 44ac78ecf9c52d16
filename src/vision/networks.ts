import { join } from "node:path";
import { LintelError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { openEngine } from "../hal/registry.ts";
import { antiSpoofNames, optionalEmbedderNames } from "../models/optional.ts";
import { ModelStore, type Purpose } from "../models/store.ts";
import { AntiSpoof } from "../pipeline/anti-spoof.ts";
import { FaceDetector } from "../pipeline/detect.ts";
import { Embedder } from "../pipeline/embed.ts";
import type { Engine, NetworkName, OptionalEmbedderName } from "../pipeline/engine.ts";
import { LandmarkFinder } from "../pipeline/landmarks.ts";
import type { VisionConfig } from "./config.ts";

/** What the networks do for a door. */
export interface DoorNetworks {
  readonly detector: FaceDetector;
  readonly landmarks: LandmarkFinder;
  readonly embedder: Embedder;
  /** Where somebody is to be recognised: runs beside the first on decision frames and photographs. */
  readonly secondEmbedder?: Embedder;
  /** Where both of its networks are installed. */
  readonly antiSpoof?: AntiSpoof;
}

/** Photographs are embedded with every embedder that a template holds. */
export interface PhotoNetworks extends DoorNetworks {
  readonly secondEmbedder: Embedder;
  /** Installed ones: their vectors are kept beside the others. */
  readonly furtherEmbedders: readonly Embedder[];
}

/** An engine and, once its networks are open, which exact models they are (name to SHA-256). */
export interface OpenedEngine {
  readonly engine: Engine;
  readonly models: Readonly<Record<string, string>>;
  /** The anti-spoofing networks are installed. */
  readonly hasAntiSpoof: boolean;
  readonly furtherEmbedders: readonly OptionalEmbedderName[];
}

/** Throws `LINTEL_E_CONFIG` for an engine or device that this version does not have. */
export async function openConfiguredEngine(config: VisionConfig, logger: Logger): Promise<OpenedEngine> {
  const store = new ModelStore({ cacheDirectory: config.modelCacheDirectory, logger });
  const models: Record<string, string> = {};
  const source = {
    load: async (name: NetworkName, purpose: Purpose) => {
      const model = await store.load(name, purpose);
      models[name] = model.sha256;
      return model;
    },
  };
  const installed = await store.installed();
  const absent = antiSpoofNames.filter((name) => !installed.includes(name));
  if (absent.length === 1) {
    logger.warn({ installed, absent }, "the anti-spoofing networks work only together, none is used");
  }
  const engine = await openEngine({
    ...config.compute,
    source,
    logger,
    notesPrefix: join(config.modelCacheDirectory, config.camera ? "door" : "photos"),
  });
  const furtherEmbedders = optionalEmbedderNames.filter((name) => installed.includes(name));
  return { engine, models, hasAntiSpoof: absent.length === 0, furtherEmbedders };
}

export interface DoorNetworkOptions {
  readonly antiSpoof?: boolean;
  /** Both embedders; default false: the first alone tells one face from another within a track. */
  readonly recognises?: boolean;
}

/**
 * Opens the door's networks side by side; the engine tests each, which is also its first, slower run. Throws `LINTEL_E_MODEL`; an
 * anti-spoofing network that fails its test is no reason to watch the door without it.
 */
export async function openDoorNetworks(engine: Engine, options: DoorNetworkOptions = {}): Promise<DoorNetworks> {
  const [detector, landmarks, embedder, second, antiSpoof] = await Promise.all([
    engine.open("blazeface"),
    engine.open("facemesh"),
    engine.open("dlib"),
    options.recognises === true ? openSecondEmbedder(engine) : undefined,
    options.antiSpoof === true ? openAntiSpoof(engine) : undefined,
  ]);
  return {
    ...(antiSpoof ? { antiSpoof } : {}),
    detector: new FaceDetector(detector),
    landmarks: new LandmarkFinder(landmarks),
    embedder: new Embedder("dlib", embedder),
    ...(second ? { secondEmbedder: second } : {}),
  };
}

export async function openPhotoNetworks(
  engine: Engine,
  further: readonly OptionalEmbedderName[] = [],
): Promise<PhotoNetworks> {
  const [door, secondEmbedder] = await Promise.all([openDoorNetworks(engine), openSecondEmbedder(engine)]);
  const furtherEmbedders: Embedder[] = [];
  for (const name of further) furtherEmbedders.push(new Embedder(name, await engine.open(name)));
  return { ...door, secondEmbedder, furtherEmbedders };
}

// --- internal ---

/** The test also warms the networks. */
async function openAntiSpoof(engine: Engine): Promise<AntiSpoof> {
  const [v2, v1se] = await Promise.all([engine.open("minifasnet-v2"), engine.open("minifasnet-v1se")]);
  const antiSpoof = new AntiSpoof({ v2, v1se });
  const problem = await antiSpoof.selfTest();
  if (problem === null) return antiSpoof;
  throw new LintelError("LINTEL_E_MODEL", `anti-spoofing: ${problem}`, {
    hint: "Install both networks again, or do without: lintel models retire minifasnet-v2 minifasnet-v1se",
  });
}

async function openSecondEmbedder(engine: Engine): Promise<Embedder> {
  return new Embedder("faceres", await engine.open("faceres"));
}
