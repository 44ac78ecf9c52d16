import { silentLogger } from "../../core/logger.ts";
import { openEngine } from "../../hal/compute/registry.ts";
import { ModelStore } from "../../models/store.ts";
import { FaceDetector } from "../../pipeline/detect.ts";
import { Embedder } from "../../pipeline/embed.ts";
import { FaceAnalyser } from "../../pipeline/face-analyser.ts";
import { LandmarkFinder } from "../../pipeline/landmarks.ts";
import { evaluationLimits } from "../../pipeline/quality.ts";
import type { FaceSource } from "./acquire.ts";
import { type ComparisonName, embeddersFor } from "./comparison.ts";

/** The networks that a comparison needs, one thread each; `cacheDirectory` is where they lie compiled. */
export async function openFaceSource(
  comparison: ComparisonName,
  cacheDirectory: string,
): Promise<{ readonly source: FaceSource; close(): Promise<void> }> {
  const source = new ModelStore({ cacheDirectory, logger: silentLogger });
  const engine = await openEngine({ engine: "auto", device: "auto", threads: 1, source, logger: silentLogger });
  const [first, ...others] = embeddersFor(comparison);
  const further: Embedder[] = [];
  for (const name of others) further.push(new Embedder(name, await engine.open(name)));
  const analyser = new FaceAnalyser({
    detector: new FaceDetector(await engine.open("blazeface")),
    landmarks: new LandmarkFinder(await engine.open("facemesh")),
    embedders: [new Embedder(first, await engine.open(first)), ...further],
  });
  return {
    source: { analyse: (image) => analyser.analyse(image, { limits: evaluationLimits }) },
    close: () => engine.close(),
  };
}
