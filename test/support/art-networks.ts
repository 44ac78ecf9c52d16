import type { ChainLayer, ConvolutionLayer, FeatureNetwork } from "../../src/art/networks/feature-network.ts";
import type { Planes } from "../../src/art/optimise/adam.ts";
import { gaussian, seededRandom } from "../../src/core/random.ts";

type Shape = Partial<Pick<ConvolutionLayer, "kernelSize" | "stride" | "isDepthwise" | "activation">>;

/** A convolution with weights by chance, scaled so that activations keep their size. */
export function convolution(
  name: string,
  [inputs, outputs]: readonly [number, number],
  shape: Shape = {},
): ConvolutionLayer {
  const { kernelSize = 3, stride = 1, isDepthwise = false, activation = "relu" } = shape;
  const random = seededRandom([...name].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 7));
  const fanIn = (isDepthwise ? 1 : inputs) * kernelSize ** 2;
  const kernel = Float32Array.from({ length: outputs * fanIn }, () => gaussian(random) * Math.sqrt(2 / fanIn));
  const bias = Float32Array.from({ length: outputs }, () => 0.3 * gaussian(random));
  return { kind: "convolution", name, inputs, outputs, kernelSize, stride, isDepthwise, kernel, bias, activation };
}

export const pooling = (name: string): ChainLayer => ({ kind: "pooling", name });

/** A feature network of these layers; content at the last, style at all convolutions. */
export function networkOf(layers: readonly ChainLayer[]): FeatureNetwork {
  const convolutions = layers.filter((layer) => layer.kind === "convolution").map(({ name }) => name);
  return {
    name: "mobilenet",
    sha256: "0".repeat(64),
    licence: "made by chance",
    mean: [128, 128, 128],
    layers,
    pixelsAtOnce: 2048 ** 2,
    defaults: {
      contentLayers: [{ layer: convolutions.at(-1) ?? "", weight: 1 }],
      dreamLayers: [{ layer: convolutions.at(-1) ?? "", weight: 1 }],
      styleLayers: convolutions.map((layer) => ({ layer, weight: 1 })),
      contentWeight: 0.5,
    },
  };
}

/** Every kind of layer once. */
export const mixedNetwork = networkOf([
  convolution("a", [3, 8], { stride: 2, activation: "relu6" }),
  convolution("b", [8, 8], { isDepthwise: true, activation: "relu6" }),
  convolution("c", [8, 12], { kernelSize: 1, activation: "relu6" }),
  convolution("d", [12, 12], { stride: 2, isDepthwise: true, activation: "relu" }),
  convolution("e", [12, 16], { kernelSize: 3 }),
  pooling("p"),
  convolution("f", [16, 16], { kernelSize: 5 }),
]);

/** Small numbers around zero, as a network with means taken off would see. */
export function randomPlanes(width: number, height: number, seed: number, size = 2): Planes {
  const random = seededRandom(seed);
  return { data: Float32Array.from({ length: 3 * width * height }, () => size * gaussian(random)), width, height };
}
