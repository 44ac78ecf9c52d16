import type { FeatureNetworkName, LayerWeight } from "../settings.ts";

/** One convolution with its activation, or a mean of 2 x 2. Kernels are [output, input / groups, height, width]. */
export type ChainLayer = ConvolutionLayer | PoolingLayer;

export interface ConvolutionLayer {
  readonly kind: "convolution";
  /** What its activation is called in settings. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Height and width of the kernel, odd. */
  readonly kernelSize: number;
  /** With stride 2 the input is padded at the end only, as TensorFlow does for even sizes. */
  readonly stride: 1 | 2;
  /** One kernel for each channel; `inputs` equals `outputs` then. */
  readonly isDepthwise: boolean;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly activation: "relu" | "relu6";
}

export interface PoolingLayer {
  readonly kind: "pooling";
  readonly name: string;
}

/** A network as a plain chain of layers, which is all that painting needs. */
export interface FeatureNetwork {
  readonly name: FeatureNetworkName;
  /** SHA-256 of its source, hexadecimal. */
  readonly sha256: string;
  readonly licence: string;
  /** The network sees `pixel - mean`, pixel from 0 to 255, in the order red, green, blue. */
  readonly mean: readonly [red: number, green: number, blue: number];
  readonly layers: readonly ChainLayer[];
  /** Larger canvases are looked at window by window: a small board has no more memory. */
  readonly pixelsAtOnce: number;
  readonly defaults: {
    readonly contentLayers: readonly LayerWeight[];
    readonly styleLayers: readonly LayerWeight[];
    /** Those that a dream shows more of. */
    readonly dreamLayers: readonly LayerWeight[];
    readonly contentWeight: number;
  };
}

/** Where the painter gets its networks. */
export interface FeatureNetworks {
  /** Throws `LINTEL_E_MODEL` with what to do when the network is not installed. */
  load(name: FeatureNetworkName): Promise<FeatureNetwork>;
}
