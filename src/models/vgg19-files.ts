import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { z } from "zod";
import { errorText, LintelError } from "../core/errors.ts";
import { readModelFile } from "./installed.ts";
import { tensorflowKernel } from "./onnx/relayout.ts";
import { sha256Of } from "./optional.ts";
import { Safetensors } from "./safetensors.ts";
import { parseJson } from "./tfjs/graph.ts";
import { decodeWeights, type Tensor, type WeightSpec, weightsManifestSchema } from "./tfjs/weights.ts";
import {
  pinnedConvolutions,
  type Vgg19Convolution,
  type Vgg19ReleaseName,
  vgg19,
  vgg19Convolutions,
  weightBytes,
  weightCount,
} from "./vgg19.ts";
import { isAbsent } from "./whole-file.ts";

/**
 * Whether a file that was named for adding can only be VGG-19: Keras' HDF5, safetensors, the JSON of a TensorFlow.js model, or its
 * folder.
 */
export async function looksLikeVgg19(file: string): Promise<boolean> {
  if ([".h5", ".hdf5", ".json", ".safetensors"].includes(extname(file).toLowerCase())) return true;
  return (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
}

export interface Vgg19Weights {
  readonly weights: Uint8Array;
  readonly release: Vgg19ReleaseName;
}

/**
 * Reads the weights from Keras' `.h5`, from `.safetensors` with the names of torchvision, or from TensorFlow.js' layers format
 * (`model.json` or its folder). Oxford's are known: all sixteen convolutions of the published Keras file, else the first eight by their
 * own hash. Others are taken for torchvision's when they come in its format, and refused when they do not: `LINTEL_E_UNREADABLE`.
 */
export async function readVgg19(file: string): Promise<Vgg19Weights> {
  const { weights, origin } = await readAny(file);
  if (origin === "published") return { weights, release: "oxford" };
  const first = weights.subarray(0, weightBytes(pinnedConvolutions));
  if (isPinned(first)) return { weights: first, release: "oxford" };
  if (origin === "torchvision") return { weights, release: "torchvision" };
  throw new LintelError(
    "LINTEL_E_UNREADABLE",
    `${file}: the first ${pinnedConvolutions} convolutions are not those of VGG-19`,
    {
      hint: `Their SHA-256 is ${sha256Of(first)}, expected ${vgg19.firstEightSha256}.`,
    },
  );
}

/** Whether the weights begin with the known ones. */
export function isPinned(weights: Uint8Array): boolean {
  return sha256Of(weights.subarray(0, weightBytes(pinnedConvolutions))) === vgg19.firstEightSha256;
}

// --- internal ---

interface Found {
  readonly weights: Uint8Array;
  /** `published`: the whole file is the known one; `torchvision`: in its format. */
  readonly origin: "published" | "torchvision" | "unknown";
}

function readAny(file: string): Promise<Found> {
  const extension = extname(file).toLowerCase();
  if (extension === ".safetensors") return readSafetensors(file);
  return extension === ".h5" || extension === ".hdf5" ? readKeras(file) : readLayers(file);
}

type Numbers = { readonly kernel: Tensor["data"]; readonly bias: Tensor["data"] };
/** The kernel as [3, 3, input, output]. */
type NumbersOf = (convolution: Vgg19Convolution) => Promise<Numbers | undefined>;

/** The convolutions one after another until one is missing. */
async function collect(file: string, numbersOf: NumbersOf): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const convolution of vgg19Convolutions) {
    const found = await numbersOf(convolution);
    if (found === undefined) break;
    const { kernel, bias } = found;
    if (bias.length !== convolution.outputs || kernel.length + bias.length !== weightCount(convolution)) {
      throw notVgg19(file, `${layerName(convolution)} has another size`);
    }
    parts.push(bytesOf(kernel), bytesOf(bias));
  }
  const weights = Buffer.concat(parts);
  if (weights.byteLength >= weightBytes(pinnedConvolutions)) return weights;
  throw notVgg19(file, `it lacks ${layerName(vgg19Convolutions[parts.length / 2] ?? { block: 1, position: 1 })}`);
}

function named(tensorOf: (layer: string, kind: "kernel" | "bias") => Tensor["data"] | undefined): NumbersOf {
  return async (convolution) => {
    const name = layerName(convolution);
    const [kernel, bias] = [tensorOf(name, "kernel"), tensorOf(name, "bias")];
    return kernel === undefined || bias === undefined ? undefined : { kernel, bias };
  };
}

function layerName({ block, position }: Pick<Vgg19Convolution, "block" | "position">): string {
  return `block${block}_conv${position}`;
}

/** The names of torchvision: `features.0`, `features.2`, with a place for each activation and pooling between. */
async function readSafetensors(file: string): Promise<Found> {
  const tensors = await Safetensors.open(file);
  try {
    const weights = await collect(file, async ({ block, position, inputs, outputs }) => {
      const before = vgg19Convolutions.findIndex((each) => each.block === block && each.position === position);
      const name = `features.${2 * before + block - 1}`;
      const [kernel, bias] = [await tensors.read(`${name}.weight`), await tensors.read(`${name}.bias`)];
      if (kernel === undefined || bias === undefined) return undefined;
      const shape = [3, 3, inputs, outputs] as const;
      if (kernel.shape.join(" ") !== `${outputs} ${inputs} 3 3`)
        throw notVgg19(file, `${name}.weight has another shape`);
      return { kernel: tensorflowKernel({ shape, data: kernel.data }), bias: bias.data };
    });
    const numbers = new Float32Array(Uint8Array.from(weights).buffer);
    if (!numbers.every(Number.isFinite)) throw notVgg19(file, "some of its numbers are none");
    return { weights, origin: "torchvision" };
  } finally {
    await tensors.close();
  }
}

async function readKeras(file: string): Promise<Found> {
  const bytes = await read(file);
  const isPublished = createHash("md5").update(bytes).digest("hex") === vgg19.md5;
  const { default: hdf5 } = await import("h5wasm/node");
  await hdf5.ready;
  let content: InstanceType<typeof hdf5.File>;
  try {
    content = new hdf5.File(file, "r");
  } catch (cause) {
    throw notVgg19(file, errorText(cause));
  }
  try {
    const paths = content.paths();
    const numbersOf = named((layer, kind) => {
      for (const path of paths.filter((each) => each.split("/").includes(layer))) {
        const dataset = content.get(path);
        if (!(dataset instanceof hdf5.Dataset) || dataset.shape?.length !== (kind === "kernel" ? 4 : 1)) continue;
        const { value } = dataset;
        if (value instanceof Float32Array) return value;
      }
      return undefined;
    });
    return { weights: await collect(file, numbersOf), origin: isPublished ? "published" : "unknown" };
  } finally {
    content.close();
  }
}

const layersModel = z.object({ weightsManifest: weightsManifestSchema });

async function readLayers(file: string): Promise<Found> {
  const isFolder = (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
  const json = isFolder ? join(file, "model.json") : file;
  const { weightsManifest } = parseJson(layersModel, new Map([[json, await read(json)]]), json);
  const tensors = new Map<string, Tensor>();
  for (const { paths, weights } of weightsManifest) {
    if (!weights.some(({ name }) => name.startsWith("block"))) continue;
    // A copy may stop after the layers that painting needs.
    for (const [name, tensor] of await readGroup(dirname(json), paths, weights)) tensors.set(name, tensor);
  }
  const numbersOf = named((layer, kind) => tensors.get(`${layer}/${kind}`)?.data);
  return { weights: await collect(json, numbersOf), origin: "unknown" };
}

async function readGroup(folder: string, paths: readonly string[], specs: readonly WeightSpec[]) {
  const parts: Uint8Array[] = [];
  for (const path of paths) {
    try {
      parts.push(await readFile(join(folder, path)));
    } catch (error) {
      if (isAbsent(error)) return new Map<string, Tensor>();
      throw error;
    }
  }
  return decodeWeights(specs, Buffer.concat(parts));
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readModelFile(file, vgg19.maxBytes);
  } catch (error) {
    if (error instanceof LintelError) throw error;
    throw new LintelError("LINTEL_E_UNREADABLE", `${file} cannot be read: ${errorText(error)}`, { cause: error });
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Tensor["data"]): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function notVgg19(file: string, why: string): LintelError {
  return new LintelError("LINTEL_E_UNREADABLE", `${file} holds no VGG-19: ${why}`, {
    hint: `Wanted is ${vgg19.file}, torchvision's weights as .safetensors, or a TensorFlow.js layers model with its shards beside it.`,
  });
}
