import type { PerChannel } from "./contract.ts";

/**
 * The convolutions of VGG-19 (Simonyan, Zisserman 2015, arXiv:1409.1556), for painting. All kernels are 3 x 3, stride 1; a pooling of 2 x 2
 * follows each block. What the input must be depends on who trained the weights: see `vgg19Releases`.
 *
 * Weights lie one convolution after another as little-endian float32: the kernel [3, 3, input, output], then the bias. The Oxford group's
 * first eight convolutions are known by their SHA-256, whatever file they came in; of the whole Keras file only an MD5 is published.
 */
export const vgg19 = {
  name: "vgg19",
  job: "art features",
  file: "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
  url: "https://github.com/fchollet/deep-learning-models/releases/download/v0.1/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
  md5: "253f8cb515780f3b799900260a226db6",
  /** Of the weights of the first eight convolutions. */
  firstEightSha256: "67a68b57950420ba7f88af3cb560ff465bbf7a53d828a28a23f7bf892646956d",
  /** The Keras file has 80 MB. */
  maxBytes: 128 * 1024 * 1024,
} as const;

/** Who trained the weights, and what they expect: `(pixel - mean) * scale` with pixels from 0 to 255. */
export interface Vgg19Release {
  readonly licence: string;
  /** Order of the channels in the first kernel. */
  readonly order: "rgb" | "bgr";
  /** Of red, green, blue. */
  readonly mean: PerChannel;
  readonly scale: PerChannel;
}

export const vgg19Releases = {
  /** As Keras publishes them. */
  oxford: {
    licence: "CC-BY-4.0 (Oxford VGG)",
    order: "bgr",
    mean: [123.68, 116.779, 103.939],
    scale: [1, 1, 1],
  },
  /** As torchvision and timm publish them. No hash of their files in safetensors is known here. */
  torchvision: {
    licence: "BSD-3-Clause (torchvision)",
    order: "rgb",
    mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
    scale: [1 / (0.229 * 255), 1 / (0.224 * 255), 1 / (0.225 * 255)],
  },
} as const satisfies Record<string, Vgg19Release>;
export type Vgg19ReleaseName = keyof typeof vgg19Releases;

export interface Vgg19Convolution {
  /** Counting from 1, as `block1_conv2` does. */
  readonly block: number;
  readonly position: number;
  readonly inputs: number;
  readonly outputs: number;
}

const blocks = [
  { convolutions: 2, channels: 64 },
  { convolutions: 2, channels: 128 },
  { convolutions: 4, channels: 256 },
  { convolutions: 4, channels: 512 },
  { convolutions: 4, channels: 512 },
] as const;

/** All sixteen, in order. */
export const vgg19Convolutions: readonly Vgg19Convolution[] = blocks.flatMap(({ convolutions, channels }, block) =>
  Array.from({ length: convolutions }, (_, position) => {
    const before = position > 0 ? channels : (blocks[block - 1]?.channels ?? 3);
    return { block: block + 1, position: position + 1, inputs: before, outputs: channels };
  }),
);

/** How many of them are known by a hash of their own. */
export const pinnedConvolutions = 8;

/** Numbers of a kernel and its bias. */
export function weightCount({ inputs, outputs }: Vgg19Convolution): number {
  return 9 * inputs * outputs + outputs;
}

/** Bytes of the weights of the first convolutions. */
export function weightBytes(convolutions: number): number {
  return vgg19Convolutions.slice(0, convolutions).reduce((sum, layer) => sum + 4 * weightCount(layer), 0);
}
