import type { PackagedNetworkName } from "../pipeline/engine.ts";

export type { NetworkName, PackagedNetworkName } from "../pipeline/engine.ts";

/** One number for each of red, green, blue. */
export type PerChannel = readonly [red: number, green: number, blue: number];

/** A file inside an installed npm package, pinned by its contents. */
export interface ModelFile {
  /** Path inside the package. */
  readonly path: string;
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
}

/** How the source files become a graph. */
export type Recipe =
  /** A TensorFlow.js graph model. `outputs` names the graph nodes whose flattened values, one after another, form each output. */
  | {
      readonly kind: "tfjs-graph";
      readonly graph: string;
      readonly outputs: Readonly<Record<string, readonly string[]>>;
    }
  /** dlib's face recognition residual network, of which the package ships the weights alone. */
  | { readonly kind: "dlib-weights"; readonly manifest: string };

/** What a network expects, what it gives and where it comes from. */
export interface NetworkContract {
  readonly name: PackagedNetworkName;
  /** What it is for, in a few words. */
  readonly job: string;
  /** The npm package that ships the weights. */
  readonly package: string;
  readonly files: readonly ModelFile[];
  readonly licence: string;
  readonly recipe: Recipe;
  /** The number at each place is `pixel * scale + offset`, with pixel from 0 to 255, channels in the order R, G, B. */
  readonly input: {
    readonly width: number;
    readonly height: number;
    readonly scale: PerChannel;
    readonly offset: PerChannel;
  };
  /** Lengths of the outputs by name; what the numbers mean stands in the network's own file. */
  readonly outputs: Readonly<Record<string, number>>;
}
