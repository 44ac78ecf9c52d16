import { arcfaceNetworks } from "../models/arcface.ts";
import type { PerChannel } from "../models/contract.ts";
import { dlib } from "../models/dlib.ts";
import { faceres } from "../models/faceres.ts";
import { arcfaceChip, dlibChip, faceresCrop } from "./align.ts";
import { Resampler } from "./bilinear/resampler.ts";
import type { Network } from "./engine.ts";
import { type Affine, mirrored } from "./geometry.ts";
import { NetworkInput, outputOf } from "./network-input.ts";
import type { EmbedderName, Embedding, FaceMesh, RgbImage } from "./types.ts";

interface Recipe {
  readonly input: { readonly scale: PerChannel; readonly offset: PerChannel };
  readonly length: number;
  readonly isUnitLength: boolean;
  readonly chip: (mesh: FaceMesh, pixels: number) => Affine;
}

const recipes: Readonly<Record<EmbedderName, Recipe>> = {
  dlib: { input: dlib.input, length: dlib.outputs.embedding, isUnitLength: false, chip: dlibChip },
  faceres: { input: faceres.input, length: faceres.outputs.embedding, isUnitLength: true, chip: faceresCrop },
  "sface-2021dec": arcface("sface-2021dec"),
  "auraface-v1": arcface("auraface-v1"),
  "mobileface-v2": arcface("mobileface-v2"),
};

function arcface(name: keyof typeof arcfaceNetworks): Recipe {
  const { range, dimensions } = arcfaceNetworks[name];
  return { input: range, length: dimensions, isUnitLength: true, chip: arcfaceChip };
}

/** Length of an embedder's vectors. */
export function vectorLength(name: EmbedderName): number {
  return recipes[name].length;
}

export interface EmbedOptions {
  /** Average with the vector of the mirrored chip: twice the time. */
  readonly isMirrored?: boolean;
}

/** Turns a face into a vector by which it can be compared with vectors of the same embedder. */
export class Embedder {
  readonly name: EmbedderName;
  readonly #recipe: Recipe;
  readonly #input: NetworkInput;
  readonly #resampler: Resampler;

  constructor(name: EmbedderName, network: Network) {
    this.name = name;
    this.#recipe = recipes[name];
    this.#input = new NetworkInput(network, this.#recipe.input, "edge");
    this.#resampler = new Resampler(this.#input.target);
  }

  async embed(image: RgbImage, mesh: FaceMesh, options: EmbedOptions = {}): Promise<Embedding> {
    const chip = this.#recipe.chip(mesh, this.#input.target.width);
    const vector = await this.#vector(image, chip);
    if (options.isMirrored === true) {
      const other = await this.#vector(image, mirrored(chip, this.#input.target.width));
      for (let i = 0; i < vector.length; i++) vector[i] = (vector[i]! + other[i]!) / 2;
      if (this.#recipe.isUnitLength) normalise(vector);
    }
    return { embedder: this.name, vector };
  }

  async #vector(image: RgbImage, chip: Affine): Promise<Float32Array> {
    const outputs = await this.#input.run(() => this.#resampler.fill(image, chip));
    const vector = Float32Array.from(embeddingOf(outputs, this.#recipe.length));
    if (this.#recipe.isUnitLength) normalise(vector);
    return vector;
  }
}

/** By its name or, of a network that was made elsewhere and has but one output, whatever it is called. */
function embeddingOf(outputs: Readonly<Record<string, Float32Array>>, length: number): Float32Array {
  const [only, ...others] = Object.keys(outputs);
  return outputOf(outputs, only !== undefined && others.length === 0 ? only : "embedding", length);
}

/** Scales to length one; a vector of zeros stays as it is. */
function normalise(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const factor = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! * factor;
}
