import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/core/logger.ts";
import { seededRandom } from "../../src/core/random.ts";
import { openEngine } from "../../src/hal/compute/registry.ts";
import { ModelStore } from "../../src/models/store.ts";
import { FaceDetector } from "../../src/pipeline/detect.ts";
import { Embedder } from "../../src/pipeline/embed.ts";
import type { Engine } from "../../src/pipeline/engine.ts";
import { LandmarkFinder, regionOfDetection } from "../../src/pipeline/landmarks.ts";
import type { FaceMesh, RgbImage } from "../../src/pipeline/types.ts";
import { type Actor, type Cast, faceReader, loadCast } from "../../src/simulation/cast.ts";
import { faceOval, leftCheek, lidPairs, rightCheek } from "../../src/simulation/facemesh-points.ts";
import { silhouetteOf } from "../../src/simulation/head-model.ts";

/** The real cast and the real networks, for integration tests. What was compiled and measured is kept between runs. */
export interface CastKit {
  readonly cast: Cast;
  readonly engine: Engine;
  readonly detector: FaceDetector;
  readonly landmarks: LandmarkFinder;
  readonly embedder: Embedder;
  /** The largest face of a picture with its mesh; undefined when there is none. */
  faceOf(image: RgbImage): Promise<FaceMesh | undefined>;
  /** dlib's vector of the face under a mesh. */
  vectorOf(image: RgbImage, mesh: FaceMesh): Promise<Float32Array>;
}

export const testCacheDirectory = join(tmpdir(), "lintel-test-cache");

export async function openCastKit(): Promise<CastKit> {
  const source = new ModelStore({ cacheDirectory: testCacheDirectory, logger: silentLogger });
  const engine = await openEngine({ engine: "onnx", device: "cpu", threads: 1, source, logger: silentLogger });
  const detector = new FaceDetector(await engine.open("blazeface"));
  const landmarks = new LandmarkFinder(await engine.open("facemesh"));
  const embedder = new Embedder("dlib", await engine.open("dlib"));
  const openReader = async () => faceReader(detector, landmarks);
  const cast = await loadCast({ cacheDirectory: testCacheDirectory, openReader, logger: silentLogger });
  return {
    cast,
    engine,
    detector,
    landmarks,
    embedder,
    faceOf: async (image) => {
      const [face] = (await detector.detect(image)).sort((a, b) => b.box.width - a.box.width);
      return face ? landmarks.find(image, regionOfDetection(face)) : undefined;
    },
    vectorOf: async (image, mesh) => (await embedder.embed(image, mesh)).vector,
  };
}

export function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, v, i) => sum + (v - (b[i] ?? Number.NaN)) ** 2, 0));
}

/** A drawn face with made-up landmarks: enough to render scenes in tests that need no network. */
export function drawnActor(name = "drawn-0"): Actor {
  const [size, middle, width] = [400, 200, 110];
  const random = seededRandom(7);
  const rgb = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const skull = Math.hypot((x - middle) / 70, (y - middle) / 90);
      const grain = 12 * random();
      const colour = skull < 1 ? [200, 150, 120] : y > 300 ? [40, 40, 90] : [90, 140, 90];
      for (let c = 0; c < 3; c++) rgb[(y * size + x) * 3 + c] = (colour[c] ?? 0) + grain;
    }
  }
  const mesh = drawnMesh(middle, width);
  const photo = { rgb, width: size, height: size };
  return { name, photo, mesh, silhouette: silhouetteOf(photo, mesh) };
}

export function drawnCast(...names: string[]): Cast {
  return new Map(names.map((name) => [name, drawnActor(name)]));
}

// --- internal ---

/** Points of a spiral on half an ellipsoid, with the outline and the lids where the topology says they are. */
function drawnMesh(middle: number, width: number): FaceMesh {
  const points = new Float32Array(1404);
  const put = (i: number, x: number, y: number) => {
    const [u, v] = [x / 0.5, y / 0.65];
    const z = -0.55 * Math.sqrt(Math.max(0, 1 - u * u - v * v));
    points.set([middle + x * width, middle + y * width, z * width], 3 * i);
  };
  for (let i = 0; i < 468; i++) {
    const [r, angle] = [0.97 * Math.sqrt((i + 0.5) / 468), i * 2.399963];
    put(i, 0.5 * r * Math.cos(angle), 0.65 * r * Math.sin(angle));
  }
  faceOval.forEach((i, n) => {
    const angle = (n / faceOval.length) * 2 * Math.PI - Math.PI / 2;
    put(i, 0.5 * Math.cos(angle), 0.65 * Math.sin(angle));
  });
  put(rightCheek, -0.5, 0);
  put(leftCheek, 0.5, 0);
  lidPairs.forEach(([upper, lower], n) => {
    const x = (n < 7 ? -0.3 : 0.12) + (n % 7) * 0.03;
    put(upper, x, -0.16);
    put(lower, x, -0.1);
  });
  return { points, confidence: 1 };
}
