import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { z } from "zod";
import { errorText, LintelError } from "../core/errors.ts";
import { readModelFile } from "./installed.ts";
import { sha256Of } from "./optional.ts";
import { parseJson } from "./tfjs/graph.ts";
import { decodeWeights, type Tensor, type WeightSpec, weightsManifestSchema } from "./tfjs/weights.ts";
import {
  pinnedConvolutions,
  type Vgg19Convolution,
  vgg19,
  vgg19Convolutions,
  weightBytes,
  weightCount,
} from "./vgg19.ts";
import { isAbsent } from "./whole-file.ts";

/** Whether a file that was named for adding can only be VGG-19: Keras' HDF5, the JSON of a TensorFlow.js model, or its folder. */
export async function looksLikeVgg19(file: string): Promise<boolean> {
  if ([".h5", ".hdf5", ".json"].includes(extname(file).toLowerCase())) return true;
  return (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
}

/**
 * Reads the weights from Keras' `.h5` or from TensorFlow.js' layers format (`model.json` or its folder). What comes back is known: all
 * sixteen convolutions of the published Keras file, else the first eight by their own hash. Throws `LINTEL_E_UNREADABLE`.
 */
export async function readVgg19(file: string): Promise<Uint8Array> {
  const isHdf5 = [".h5", ".hdf5"].includes(extname(file).toLowerCase());
  const { weights, isPublished } = isHdf5 ? await readKeras(file) : await readLayers(file);
  if (isPublished) return weights;
  const first = weights.subarray(0, weightBytes(pinnedConvolutions));
  if (isPinned(first)) return first;
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
  /** The whole file is the published one. */
  readonly isPublished: boolean;
}

type TensorOf = (layer: string, kind: "kernel" | "bias") => Tensor["data"] | undefined;

/** The convolutions one after another until one is missing. */
function collect(file: string, tensorOf: TensorOf): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const convolution of vgg19Convolutions) {
    const name = layerName(convolution);
    const [kernel, bias] = [tensorOf(name, "kernel"), tensorOf(name, "bias")];
    if (kernel === undefined || bias === undefined) break;
    if (kernel.length + bias.length !== weightCount(convolution)) throw notVgg19(file, `${name} has another size`);
    parts.push(bytesOf(kernel), bytesOf(bias));
  }
  const weights = Buffer.concat(parts);
  if (weights.byteLength >= weightBytes(pinnedConvolutions)) return weights;
  throw notVgg19(file, `it lacks ${layerName(vgg19Convolutions[parts.length / 2] ?? { block: 1, position: 1 })}`);
}

function layerName({ block, position }: Pick<Vgg19Convolution, "block" | "position">): string {
  return `block${block}_conv${position}`;
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
    const tensorOf: TensorOf = (layer, kind) => {
      for (const path of paths.filter((each) => each.split("/").includes(layer))) {
        const dataset = content.get(path);
        if (!(dataset instanceof hdf5.Dataset) || dataset.shape?.length !== (kind === "kernel" ? 4 : 1)) continue;
        const { value } = dataset;
        if (value instanceof Float32Array) return value;
      }
      return undefined;
    };
    return { weights: collect(file, tensorOf), isPublished };
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
  const tensorOf: TensorOf = (layer, kind) => tensors.get(`${layer}/${kind}`)?.data;
  return { weights: collect(json, tensorOf), isPublished: false };
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
    hint: `Wanted is ${vgg19.file}, or a TensorFlow.js layers model with its shards beside it.`,
  });
}
