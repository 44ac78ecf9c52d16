// What the art section needs: networks as chains, loss graphs on the product's engine, and pictures that are drawn, not photographed.
import { asTensor, extractFeatures } from "../../dist/art/features.js";
import { buildFeatureGraph, buildLossGraph, ports } from "../../dist/art/graph/loss-graph.js";
import { layersOf, planLosses } from "../../dist/art/losses.js";
import { paintSettings } from "../../dist/art/settings.js";
import { targetFeeds } from "../../dist/art/targets.js";
import { createOnnxGraphs } from "../../dist/hal/compute/onnx-graphs.js";
import { encodeOnnx } from "../../dist/models/onnx/encode.js";
import { vgg19Convolutions } from "../../dist/models/vgg19.js";

/** As `lintel art render` has on two cores. */
export const graphs = createOnnxGraphs({ threads: 2 });

/** Smooth waves: pixels less their mean, as a network sees them. */
export function wavePlanes(width, height, phase) {
  const data = new Float32Array(3 * width * height);
  for (let i = 0; i < data.length; i++)
    data[i] = 60 * Math.sin(i * 0.013 + phase) * Math.cos(i * 0.00071 * (phase + 1));
  return { data, width, height };
}

/** Everything to take steps on a picture of this size. */
export async function openLosses(network, size) {
  const plan = planLosses(paintSettings.parse({}), network);
  const layers = layersOf(plan);
  const pictures = [wavePlanes(size.width, size.height, 1), wavePlanes(size.width, size.height, 2)];
  const [content, style] = await extractFeatures({ graphs, network, layers }, pictures);
  const targets = { grams: style.grams, features: content.features };
  const feeds = targetFeeds({ network, plan, canvas: size }, targets);
  const step = await graphs.open(encodeOnnx(buildLossGraph(network, layers, size)));
  const features = await graphs.open(encodeOnnx(buildFeatureGraph(network, layers, size)));
  const chain = await graphs.open(encodeOnnx(chainGraph(network, layers, size)));
  const pixels = { [ports.pixels]: asTensor(pictures[0]) };
  // Written into, as painting does it.
  const into = { [ports.gradient]: asTensor(wavePlanes(size.width, size.height, 3)) };
  return {
    plan,
    targets,
    picture: pictures[0],
    step: () => step.run({ ...feeds, ...pixels }, into),
    features: async () => void (await features.run(pixels)),
    chain: async () => void (await chain.run(pixels)),
    close: () => Promise.all([step.close(), features.close(), chain.close()]),
  };
}

/** The layers alone; one number comes out, so that nothing is copied. */
function chainGraph(network, layers, size) {
  const graph = buildFeatureGraph(network, { content: [lastOf(network, layers)], style: [] }, size);
  const nodes = graph.nodes.map((node) => (node.op === "Identity" ? { ...node, op: "ReduceMean" } : node));
  return { ...graph, nodes, outputs: graph.outputs.map((output) => ({ ...output, shape: [1, 1, 1, 1] })) };
}

function lastOf(network, { content, style }) {
  const wanted = new Set([...content, ...style]);
  return network.layers.findLast(({ name }) => wanted.has(name)).name;
}

/** VGG-19 in its own shape with weights by chance: time does not depend on them. */
export function vggShaped() {
  const layers = [];
  for (const { block, position, inputs, outputs } of vgg19Convolutions.slice(0, 13)) {
    if (position === 1 && block > 1) layers.push({ kind: "pooling", name: `pool${block - 1}` });
    const size = Math.sqrt(2 / (9 * inputs));
    const kernel = Float32Array.from(
      { length: 9 * inputs * outputs },
      (_, i) => size * Math.sin(i * 12.9898 + block) * 1.4,
    );
    const shape = { inputs, outputs, kernelSize: 3, stride: 1, isDepthwise: false, activation: "relu" };
    layers.push({
      kind: "convolution",
      name: `conv${block}_${position}`,
      ...shape,
      kernel,
      bias: new Float32Array(outputs),
    });
  }
  const styleLayers = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"].map((layer) => ({ layer, weight: 1 }));
  const defaults = { styleLayers, contentLayers: [{ layer: "conv4_2", weight: 1 }], contentWeight: 0.02 };
  return { name: "vgg19", sha256: "", licence: "", mean: [123.68, 116.779, 103.939], layers, defaults };
}

/** Two operations a multiply-add, forward and gradient to the input, of the convolutions alone. */
export function convolutionFlops(network, { width, height }) {
  let [flops, places] = [0, width * height];
  for (const layer of network.layers) {
    if (layer.kind === "pooling") places /= 4;
    else flops += 4 * places * layer.kernel.length;
  }
  return flops;
}
