import { silentLogger } from "../core/logger.ts";
import { openEngine } from "../hal/compute/registry.ts";
import { type ComparisonName, embeddersFor } from "../lab/evaluate/comparison.ts";
import { ModelStore } from "../models/store.ts";
import { FaceDetector } from "../pipeline/detect.ts";
import { Embedder } from "../pipeline/embed.ts";
import type { Engine } from "../pipeline/engine.ts";
import { type AnalysedFace, FaceAnalyser } from "../pipeline/face-analyser.ts";
import { LandmarkFinder } from "../pipeline/landmarks.ts";
import { evaluationLimits } from "../pipeline/quality.ts";
import type { RgbImage } from "../pipeline/types.ts";
import { userModelCache } from "./defaults.ts";

/** The networks of this machine, for work at a desk. */
export function openDeskEngine(): Promise<Engine> {
  return openEngine({
    engine: "auto",
    device: "auto",
    threads: 1,
    source: new ModelStore({ cacheDirectory: userModelCache(process.env), logger: silentLogger }),
    logger: silentLogger,
  });
}

/** Photographs to faces with the vectors that a comparison needs, hard pictures included. */
export async function openFaceSource(
  comparison: ComparisonName,
): Promise<{ source: { analyse(image: RgbImage): Promise<AnalysedFace[]> }; close(): Promise<void> }> {
  const engine = await openDeskEngine();
  const [first, ...others] = embeddersFor(comparison);
  const further: Embedder[] = [];
  for (const name of others) further.push(new Embedder(name, await engine.open(name)));
  const analyser = new FaceAnalyser({
    detector: new FaceDetector(await engine.open("blazeface")),
    landmarks: new LandmarkFinder(await engine.open("facemesh")),
    embedders: [new Embedder(first, await engine.open(first)), ...further],
  });
  return {
    source: { analyse: (image: RgbImage) => analyser.analyse(image, { limits: evaluationLimits }) },
    close: () => engine.close(),
  };
}
