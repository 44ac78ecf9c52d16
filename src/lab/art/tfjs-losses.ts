import { pathToFileURL } from "node:url";
import type * as Tensorflow from "@tensorflow/tfjs-core";
import { layersUpTo } from "../../art/graph/forward.ts";
import type { LossPlan } from "../../art/losses.ts";
import type { ChainLayer, ConvolutionLayer, FeatureNetwork } from "../../art/networks/feature-network.ts";
import type { Planes } from "../../art/optimise/adam.ts";
import type { Targets } from "../../art/targets.ts";
import { LintelError } from "../../core/errors.ts";
import { findPackageFile } from "../../models/source.ts";

/** The same losses by TensorFlow.js, whose gradient comes from automatic differentiation: a second opinion, and a peer in the bench. */
export interface ReferenceLosses {
  readonly content: number;
  readonly style: number;
  /** Planes, as the painter has them. */
  readonly gradient: Float32Array;
}

/** Runs on the plain processor backend, the only one without a browser that has the gradients of all layers. */
export async function tfjsLosses(
  parts: { network: FeatureNetwork; plan: LossPlan; targets: Targets },
  picture: Planes,
): Promise<ReferenceLosses> {
  const tf = await openTensorflow();
  const own = { ...parts, tf };
  const { width, height } = picture;
  const kept = tf.tidy(() => {
    const pixels = tf.transpose(tf.tensor4d(picture.data, [1, 3, height, width]), [0, 2, 3, 1]);
    const content = (x: Tensorflow.Tensor) => contentLoss(own, x);
    const style = (x: Tensorflow.Tensor) => styleLoss(own, x);
    const gradient = tf.grad((x) => tf.add(content(x), style(x)))(pixels);
    return [content(pixels), style(pixels), tf.transpose(gradient, [0, 3, 1, 2])];
  });
  const [content, style, gradient] = kept.map((tensor) => tensor.dataSync());
  tf.dispose(kept);
  return { content: content?.[0] ?? 0, style: style?.[0] ?? 0, gradient: Float32Array.from(gradient ?? []) };
}

// --- internal ---

type Library = typeof Tensorflow;
type Parts = Parameters<typeof tfjsLosses>[0] & { readonly tf: Library };

/**
 * TensorFlow.js as `@vladmandic/face-api` bundles it, with the gradients, which the npm package for Node leaves out. The bundle is
 * made for browsers; on Node it would look for parts that were left out of it.
 */
async function openTensorflow(): Promise<Library> {
  const file = findPackageFile("@vladmandic/face-api", "dist/tfjs.esm.js");
  if (file === undefined) throw new LintelError("LINTEL_E_MODEL", "@vladmandic/face-api is not installed");
  Object.assign(globalThis, { WorkerGlobalScope: class {} });
  const tf: Library = await import(pathToFileURL(file).href);
  await tf.setBackend("cpu");
  await tf.ready();
  return tf;
}

function contentLoss({ tf, network, plan, targets }: Parts, pixels: Tensorflow.Tensor): Tensorflow.Scalar {
  const features = forward(
    { tf, network },
    plan.content.map(({ layer }) => layer),
    pixels,
  );
  const terms = plan.content.map(({ layer, weight }) => {
    const found = found4d(features, layer);
    const [, height = 0, width = 0, channels = 0] = found.shape;
    const planes = tf.tensor4d(targets.features.get(layer) ?? [], [1, channels, height, width]);
    const wanted = tf.transpose(planes, [0, 2, 3, 1]);
    return tf.mul(tf.div(squares(tf, tf.sub(found, wanted)), squares(tf, wanted)), weight);
  });
  return total(tf, terms);
}

function styleLoss({ tf, network, plan, targets }: Parts, pixels: Tensorflow.Tensor): Tensorflow.Scalar {
  const features = forward(
    { tf, network },
    plan.style.map(({ layer }) => layer),
    pixels,
  );
  const terms = plan.style.map(({ layer, weight }) => {
    const found = found4d(features, layer);
    const [, height = 0, width = 0, channels = 0] = found.shape;
    const rows = tf.reshape(found, [height * width, channels]);
    const gram = tf.div(tf.matMul(rows, rows, true, false), height * width);
    const wanted = tf.tensor2d(targets.grams.get(layer) ?? [], [channels, channels]);
    return tf.mul(tf.div(squares(tf, tf.sub(gram, wanted)), squares(tf, wanted)), weight);
  });
  return total(tf, terms);
}

function forward(
  { tf, network }: Pick<Parts, "tf" | "network">,
  names: readonly string[],
  pixels: Tensorflow.Tensor,
): Map<string, Tensorflow.Tensor> {
  const features = new Map<string, Tensorflow.Tensor>();
  let value = pixels;
  for (const layer of layersUpTo(network, names)) {
    value = apply(tf, layer, value);
    features.set(layer.name, value);
  }
  return features;
}

function apply(tf: Library, layer: ChainLayer, input: Tensorflow.Tensor): Tensorflow.Tensor {
  const [batch = 1, height = 0, width = 0, channels = 0] = input.shape;
  const picture: Tensorflow.Tensor4D = tf.reshape(input, [batch, height, width, channels]);
  if (layer.kind === "pooling") return tf.avgPool(picture, 2, 2, "valid");
  const { stride, isDepthwise, activation, bias } = layer;
  const kernel = kernelOf(tf, layer);
  const sum = isDepthwise
    ? tf.depthwiseConv2d(picture, kernel, stride, "same")
    : tf.conv2d(picture, kernel, stride, "same");
  const biased = tf.add(sum, tf.tensor1d(bias));
  return activation === "relu" ? tf.relu(biased) : tf.relu6(biased);
}

/** To height, width, input, output (depthwise: height, width, channel, 1). */
function kernelOf(
  tf: Library,
  { kernel, outputs, inputs, kernelSize, isDepthwise }: ConvolutionLayer,
): Tensorflow.Tensor4D {
  const each = isDepthwise ? 1 : inputs;
  const planes = tf.tensor4d(kernel, [outputs, each, kernelSize, kernelSize]);
  return tf.transpose(planes, isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
}

function found4d(features: ReadonlyMap<string, Tensorflow.Tensor>, layer: string): Tensorflow.Tensor {
  const found = features.get(layer);
  if (found === undefined) throw new Error(`no layer ${layer}`);
  return found;
}

function squares(tf: Library, value: Tensorflow.Tensor): Tensorflow.Scalar {
  return tf.sum<Tensorflow.Scalar>(tf.square(value));
}

function total(tf: Library, terms: readonly Tensorflow.Tensor[]): Tensorflow.Scalar {
  return terms.reduce<Tensorflow.Scalar>((sum, term) => tf.add(sum, term), tf.scalar(0));
}
