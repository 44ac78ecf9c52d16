import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { findPackageFile } from "../../src/models/source.ts";

/**
 * The second opinion: TensorFlow.js in plain JavaScript, as it is bundled in `@vladmandic/face-api`, running the same files
 * that our compiler reads. Slow, but made by other people.
 */
export interface Reference {
  /** Runs a graph model of `@vladmandic/human`; the picture is interleaved. Gives the values of the named nodes. */
  runGraph(graph: string, size: number, interleaved: Float32Array, nodes: readonly string[]): Promise<Float32Array[]>;
  /** face-api's own implementation of dlib's network, on interleaved pixels from 0 to 255. */
  runDlib(pixels: Float32Array): Promise<Float32Array>;
}

interface RefTensor {
  dataSync(): Float32Array;
}

interface RefTensorflow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array, shape: number[]): RefTensor;
  loadGraphModel(handler: {
    load(): Promise<object>;
  }): Promise<{ execute(input: RefTensor, nodes: string[]): RefTensor | RefTensor[] }>;
  io: { decodeWeights(data: ArrayBuffer, specs: unknown): object };
}

interface RefFaceApi {
  tf: RefTensorflow;
  FaceRecognitionNet: new () => { loadFromWeightMap(map: object): void; forwardInput(input: object): RefTensor };
  NetInput: new (pictures: RefTensor[]) => object;
}

export async function openReference(): Promise<Reference> {
  // The bundle is made for browsers; on Node it would look for parts that were left out of it.
  Object.assign(globalThis, { WorkerGlobalScope: class {} });
  const bundle: RefFaceApi = await import(packageFile("@vladmandic/face-api", "dist/face-api.esm.js").href);
  const { tf } = bundle;
  await tf.setBackend("cpu");
  await tf.ready();
  return {
    async runGraph(graph, size, interleaved, nodes) {
      const json = await readJson("@vladmandic/human", `models/${graph}.json`);
      const weightData = await readBuffer("@vladmandic/human", `models/${graph}.bin`);
      const weightSpecs = json.weightsManifest.flatMap((group: { weights: object[] }) => group.weights);
      const model = await tf.loadGraphModel({ load: async () => ({ ...json, weightSpecs, weightData }) });
      const result = model.execute(tf.tensor(interleaved, [1, size, size, 3]), [...nodes]);
      return [result].flat().map((tensor) => tensor.dataSync());
    },
    async runDlib(pixels) {
      const name = "model/face_recognition_model";
      const [group] = await readJson("@vladmandic/face-api", `${name}-weights_manifest.json`);
      const data = await readBuffer("@vladmandic/face-api", `${name}.bin`);
      const network = new bundle.FaceRecognitionNet();
      network.loadFromWeightMap(tf.io.decodeWeights(data, group.weights));
      return network.forwardInput(new bundle.NetInput([tf.tensor(pixels, [150, 150, 3])])).dataSync();
    },
  };
}

function packageFile(packageName: string, path: string): URL {
  const found = findPackageFile(packageName, path);
  if (found === undefined) throw new Error(`${packageName}/${path} is not installed`);
  return pathToFileURL(found);
}

async function readJson(packageName: string, path: string) {
  return JSON.parse(await readFile(packageFile(packageName, path), "utf8"));
}

async function readBuffer(packageName: string, path: string): Promise<ArrayBuffer> {
  return new Uint8Array(await readFile(packageFile(packageName, path))).buffer;
}
