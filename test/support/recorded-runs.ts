import { silentLogger } from "../../src/core/logger.ts";
import { createOnnxEngine } from "../../src/hal/compute/onnx.ts";
import { ModelStore } from "../../src/models/store.ts";
import { FaceDetector } from "../../src/pipeline/detect.ts";
import { Embedder } from "../../src/pipeline/embed.ts";
import type { Network, NetworkName } from "../../src/pipeline/engine.ts";
import { FaceAnalyser } from "../../src/pipeline/face-analyser.ts";
import { LandmarkFinder } from "../../src/pipeline/landmarks.ts";
import { evaluationLimits } from "../../src/pipeline/quality.ts";
import type { RgbImage } from "../../src/pipeline/types.ts";
import { decodePhoto } from "../../src/vision/decode-photo.ts";
import { testModelCache } from "./model-cache.ts";
import { readSample } from "./sample-photos.ts";

type Outputs = Readonly<Record<string, Float32Array>>;

/** What a network was given on the processor while a photograph was looked at (planes), and what it answered. */
export interface RecordedRun {
  readonly network: NetworkName;
  readonly input: Float32Array;
  readonly outputs: Outputs;
}

export async function recordSampleRuns(names: readonly string[]): Promise<RecordedRun[]> {
  const images: RgbImage[] = [];
  for (const name of names) images.push(await pictureOf(readSample(name)));
  return recordRuns(images);
}

/** Runs the whole chain on the processor, and keeps what each network saw. */
export async function recordRuns(images: readonly RgbImage[]): Promise<RecordedRun[]> {
  const source = new ModelStore({ cacheDirectory: testModelCache, logger: silentLogger });
  const engine = createOnnxEngine({ source, threads: 1, logger: silentLogger });
  const runs: RecordedRun[] = [];
  const recorded = async (name: NetworkName): Promise<Network> => {
    const network = await engine.open(name);
    const { inputLayout, inputWidth, inputHeight } = network;
    const run = async (input: Float32Array) => {
      const outputs = await network.run(input);
      runs.push({ network: name, input: Float32Array.from(input), outputs });
      return outputs;
    };
    return { inputLayout, inputWidth, inputHeight, run };
  };
  const analyser = new FaceAnalyser({
    detector: new FaceDetector(await recorded("blazeface")),
    landmarks: new LandmarkFinder(await recorded("facemesh")),
    embedders: [new Embedder("dlib", await recorded("dlib")), new Embedder("faceres", await recorded("faceres"))],
  });
  for (const image of images) await analyser.analyse(image, { limits: evaluationLimits });
  await engine.close();
  return runs;
}

/** The same numbers through another network of the same name, in the layout it wants. */
export function replayed(network: Network, { input }: RecordedRun): Promise<Outputs> {
  if (network.inputLayout === "nchw") return network.run(input);
  const area = network.inputWidth * network.inputHeight;
  return network.run(Float32Array.from(input, (_, n) => input[(n % 3) * area + Math.floor(n / 3)] ?? 0));
}

/** The largest difference over all outputs: as it is, and as a part of the largest number of its output. */
export function worstDifference(found: Outputs, wanted: Outputs): { absolute: number; part: number } {
  const worst = { absolute: 0, part: 0 };
  for (const [name, numbers] of Object.entries(wanted)) {
    const others = found[name];
    if (others?.length !== numbers.length) throw new Error(`output ${name} has ${others?.length} numbers`);
    let [range, gap] = [0, 0];
    for (let i = 0; i < numbers.length; i++) {
      range = Math.max(range, Math.abs(numbers[i]!));
      const distance = Math.abs(numbers[i]! - others[i]!);
      gap = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : Math.max(gap, distance);
    }
    worst.absolute = Math.max(worst.absolute, gap);
    worst.part = Math.max(worst.part, gap / range);
  }
  return worst;
}

// --- internal ---

async function pictureOf(bytes: Uint8Array): Promise<RgbImage> {
  const decoded = await decodePhoto(bytes);
  if (!("image" in decoded)) throw new Error("the photograph cannot be read");
  return decoded.image;
}
