import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { openEngine } from "../../../src/hal/compute/registry.ts";
import { ModelStore } from "../../../src/models/store.ts";
import { FaceDetector } from "../../../src/pipeline/detect.ts";
import { Embedder } from "../../../src/pipeline/embed.ts";
import type { Engine, Network, NetworkName } from "../../../src/pipeline/engine.ts";
import { type AnalysedFace, FaceAnalyser } from "../../../src/pipeline/face-analyser.ts";
import { LandmarkFinder } from "../../../src/pipeline/landmarks.ts";
import { faceDistance, faceVectors } from "../../../src/pipeline/matching/fusion.ts";
import { euclidean } from "../../../src/pipeline/matching/matrix.ts";
import type { RgbImage } from "../../../src/pipeline/types.ts";
import { decodePhoto } from "../../../src/vision/decode-photo.ts";
import { testCacheDirectory } from "../../support/cast.ts";

const samples = join(dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo");

let engine: Engine;
let analyser: FaceAnalyser;
const runs = new Map<NetworkName, number>();

/** The real network, with its runs counted. */
async function counted(name: NetworkName): Promise<Network> {
  const network = await engine.open(name);
  return {
    inputLayout: network.inputLayout,
    inputWidth: network.inputWidth,
    inputHeight: network.inputHeight,
    run: (input) => {
      runs.set(name, (runs.get(name) ?? 0) + 1);
      return network.run(input);
    },
  };
}

beforeAll(async () => {
  const source = new ModelStore({ cacheDirectory: testCacheDirectory, logger: silentLogger });
  engine = await openEngine({ engine: "onnx", device: "cpu", threads: 1, source, logger: silentLogger });
  analyser = new FaceAnalyser({
    detector: new FaceDetector(await counted("blazeface")),
    landmarks: new LandmarkFinder(await counted("facemesh")),
    embedders: [new Embedder("dlib", await counted("dlib")), new Embedder("faceres", await counted("faceres"))],
  });
});
afterAll(() => engine.close());

function fusedOf(a: AnalysedFace, b: AnalysedFace): number {
  const [p, q] = [faceVectors(a.embeddings), faceVectors(b.embeddings)];
  return p && q ? faceDistance(p, q) : Number.NaN;
}

async function sample(number: number, change: (picture: Sharp) => Sharp = (p) => p): Promise<RgbImage> {
  const bytes = await readFile(join(samples, `sample${number}.jpg`));
  const decoded = await decodePhoto(await change(sharp(bytes)).jpeg({ quality: 95 }).toBuffer());
  if ("problem" in decoded) throw new Error(decoded.detail);
  return decoded.image;
}

const oneFace = (p: Sharp) => p.extract({ left: 250, top: 200, width: 640, height: 480 });

describe("FaceAnalyser", () => {
  it.each([
    [1, 3],
    [2, 3],
    [3, 3],
    [4, 4],
    [5, 5],
    [6, 4],
  ])("finds every face of group picture %i", async (number, count) => {
    const faces = await analyser.analyse(await sample(number, (p) => p.resize(1600)));
    expect(faces).toHaveLength(count);
    for (const { embeddings, quality } of faces) {
      expect(embeddings.map(({ embedder, vector }) => [embedder, vector.length])).toEqual(
        quality.reasons.length === 0
          ? [
              ["dlib", 128],
              ["faceres", 1024],
            ]
          : [],
      );
    }
  });

  it("knows the people of a picture again when it is smaller, darker and compressed, and tells them apart", async () => {
    const large = await analyser.analyse(await sample(6, (p) => p.resize(1600)));
    const small = await analyser.analyse(await sample(6, (p) => p.resize(900).linear(0.7, 0).jpeg({ quality: 60 })));
    expect(small).toHaveLength(large.length);
    for (const face of large) {
      const distances = small.map((other) => euclidean(vectorOf(face), vectorOf(other))).sort((p, q) => p - q);
      expect(distances[0]).toBeLessThan(0.3);
      expect(distances[1]).toBeGreaterThan(0.4);
      const fused = small.map((other) => fusedOf(face, other)).sort((p, q) => p - q);
      expect(fused[0]).toBeLessThan(0.3);
      expect(fused[1]).toBeGreaterThan(0.47);
    }
  });

  it("finds nothing in noise, in grey and in a picture of one pixel", async () => {
    const noise = Uint8Array.from({ length: 200 * 200 * 3 }, (_, i) => (i * 2654435761) >>> 24);
    expect(await analyser.analyse({ rgb: noise, width: 200, height: 200 })).toEqual([]);
    expect(await analyser.analyse({ rgb: new Uint8Array(640 * 480 * 3).fill(128), width: 640, height: 480 })).toEqual(
      [],
    );
    expect(await analyser.analyse({ rgb: new Uint8Array(3), width: 1, height: 1 })).toEqual([]);
  });

  it.each([90, 180, 270])("gives no vector, but a reason, for a picture turned by %i degrees", async (angle) => {
    const faces = await analyser.analyse(await sample(1, (p) => oneFace(p).rotate(angle)));
    expect(faces.length).toBeGreaterThan(0);
    for (const { quality, embeddings } of faces) {
      expect(quality.reasons).toContain("turned-away");
      expect(embeddings).toEqual([]);
    }
  });
});

describe("the fast path", () => {
  it("runs each network exactly once and agrees with the careful way", async () => {
    const frame = await sample(1, oneFace);
    expect([frame.width, frame.height]).toEqual([640, 480]);
    const careful = (await analyser.analyse(frame))[0];
    runs.clear();
    const fast = await analyser.analyseFast(frame);
    expect(Object.fromEntries(runs)).toEqual({ blazeface: 1, facemesh: 1, dlib: 1 });
    if (fast === undefined || careful === undefined) throw new Error("no face");
    expect(euclidean(vectorOf(fast), vectorOf(careful))).toBeLessThan(0.25);
  });

  it("runs the detector alone for an empty frame", async () => {
    runs.clear();
    expect(await analyser.analyseFast({ rgb: new Uint8Array(640 * 480 * 3), width: 640, height: 480 })).toBeUndefined();
    expect(Object.fromEntries(runs)).toEqual({ blazeface: 1 });
  });
});

function vectorOf(face: { embeddings: readonly { vector: Float32Array }[] }): Float32Array {
  const [embedding] = face.embeddings;
  if (embedding === undefined) throw new Error("the face has no vector");
  return embedding.vector;
}
