import { denseKernel } from "../../models/onnx/relayout.ts";
import {
  type Vgg19Convolution,
  type Vgg19Release,
  vgg19Convolutions,
  vgg19Releases,
  weightBytes,
} from "../../models/vgg19.ts";
import { Vgg19Store } from "../../models/vgg19-store.ts";
import { pixelsAtOnceOf } from "../settings.ts";
import type { ChainLayer, ConvolutionLayer, FeatureNetwork } from "./feature-network.ts";

/**
 * VGG-19 as Gatys, Ecker, Bethge (2016) use it: mean instead of maximum when pooling. Layers are called `conv1_1` to `conv5_4` and
 * `pool1` to `pool4`, as many as are installed. Throws `LINTEL_E_MODEL` when there are none.
 */
export async function loadVgg19(cacheDirectory: string): Promise<FeatureNetwork> {
  const { weights, release, convolutions, sha256 } = await new Vgg19Store({ cacheDirectory }).read();
  // A copy, so that the floats are aligned.
  const numbers = new Float32Array(Uint8Array.from(weights).buffer);
  const layers: ChainLayer[] = [];
  for (const [index, convolution] of vgg19Convolutions.slice(0, convolutions).entries()) {
    if (convolution.position === 1 && convolution.block > 1) {
      layers.push({ kind: "pooling", name: `pool${convolution.block - 1}` });
    }
    const layer = layerOf(convolution, numbers.subarray(weightBytes(index) / 4, weightBytes(index + 1) / 4));
    layers.push(index === 0 ? { ...layer, kernel: forPixels(layer.kernel, vgg19Releases[release]) } : layer);
  }
  return {
    name: "vgg19",
    sha256,
    licence: vgg19Releases[release].licence,
    mean: vgg19Releases[release].mean,
    layers,
    pixelsAtOnce: pixelsAtOnceOf.vgg19,
    defaults: defaultsFor(layers.map(({ name }) => name)),
  };
}

// --- internal ---

function layerOf({ block, position, inputs, outputs }: Vgg19Convolution, weights: Float32Array): ConvolutionLayer {
  const count = 9 * inputs * outputs;
  const kernel = denseKernel({ shape: [3, 3, inputs, outputs], data: weights.subarray(0, count) });
  return {
    kind: "convolution",
    name: `conv${block}_${position}`,
    inputs,
    outputs,
    kernelSize: 3,
    stride: 1,
    isDepthwise: false,
    kernel,
    bias: weights.slice(count),
    activation: "relu",
  };
}

/** The first kernel for red, green, blue as `pixel - mean`: in that order, and with what the network expects them to be scaled by. */
function forPixels(kernel: Float32Array, { order, scale }: Vgg19Release): Float32Array {
  return kernel.map((_, i) => {
    const channel = Math.floor(i / 9) % 3;
    const from = order === "rgb" ? i : i + 9 * (2 - 2 * channel);
    return kernel[from]! * (scale[channel] ?? 1);
  });
}

/** The layers of the paper where they are installed, else those that are. */
function defaultsFor(names: readonly string[]): FeatureNetwork["defaults"] {
  const style = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"].filter((name) => names.includes(name));
  const content = names.includes("conv4_2") ? "conv4_2" : "conv3_3";
  return {
    styleLayers: style.map((layer) => ({ layer, weight: 1 })),
    contentLayers: [{ layer: content, weight: 1 }],
    dreamLayers: [{ layer: names.includes("conv4_3") ? "conv4_3" : "conv3_3", weight: 1 }],
    contentWeight: 0.02,
  };
}
