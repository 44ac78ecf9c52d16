import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { silentLogger } from "../../src/core/logger.ts";
import { openEngine } from "../../src/hal/compute/registry.ts";
import { ModelStore } from "../../src/models/store.ts";
import { writeWholeFile } from "../../src/models/whole-file.ts";
import { FaceDetector } from "../../src/pipeline/detect.ts";
import { Embedder } from "../../src/pipeline/embed.ts";
import { type AnalysedFace, FaceAnalyser } from "../../src/pipeline/face-analyser.ts";
import { LandmarkFinder } from "../../src/pipeline/landmarks.ts";
import type { QualityLimits } from "../../src/pipeline/quality.ts";
import type { RgbImage } from "../../src/pipeline/types.ts";
import { testCacheDirectory } from "./cast.ts";
import { root } from "./daemon.ts";

/** Everything that what is seen in a photograph depends on: the code that looks, and the packages that the networks come in. */
const sources = ["src/pipeline", "src/models", "src/hal/compute", "package-lock.json"];

/** What the networks see in photographs. */
export interface PhotoLooks {
  look(image: RgbImage, limits: QualityLimits): Promise<AnalysedFace[]>;
  close(): Promise<void>;
}

/**
 * Photographs through the real networks, both embedders, mirrored. What was seen is kept on disk for other test files and later runs, until the
 * code that looks or its networks change.
 */
export async function openPhotoLooks(): Promise<PhotoLooks> {
  const source = new ModelStore({ cacheDirectory: testCacheDirectory, logger: silentLogger });
  const engine = await openEngine({ engine: "onnx", device: "cpu", threads: 1, source, logger: silentLogger });
  const analyser = new FaceAnalyser({
    detector: new FaceDetector(await engine.open("blazeface")),
    landmarks: new LandmarkFinder(await engine.open("facemesh")),
    embedders: [new Embedder("dlib", await engine.open("dlib")), new Embedder("faceres", await engine.open("faceres"))],
  });
  const code = hashOfSources();
  const look = async (image: RgbImage, limits: QualityLimits): Promise<AnalysedFace[]> => {
    const of = [image.width, image.height, JSON.stringify(limits)].join(" ");
    const name = createHash("sha256").update(of).update(image.rgb).digest("hex");
    const file = join(testCacheDirectory, "looks", name);
    const kept = await readKept(file, code);
    if (kept) return kept;
    const faces = await analyser.analyse(image, { limits });
    await writeWholeFile(file, [serialize({ code, faces })]);
    return faces;
  };
  return { look, close: () => engine.close() };
}

// --- internal ---

async function readKept(file: string, code: string): Promise<AnalysedFace[] | undefined> {
  try {
    const kept: { code: string; faces: AnalysedFace[] } = deserialize(await readFile(file));
    return kept.code === code ? kept.faces : undefined;
  } catch {
    return undefined;
  }
}

function hashOfSources(): string {
  const hash = createHash("sha256").update(process.version);
  for (const source of sources) {
    const names = source.endsWith(".json")
      ? [""]
      : readdirSync(join(root, source), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((each) => each === "" || each.endsWith(".ts")).sort()) {
      hash.update(`${source}/${name}\n`).update(readFileSync(join(root, source, name)));
    }
  }
  return hash.digest("hex");
}
