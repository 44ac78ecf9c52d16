// Int8 by quantise-dequantise pairs (QDQ), as ONNX Runtime wants them: eight-bit activations with one scale a value, weights with one a channel.
import { floats, takersOf, withEverythingSeen } from "./graphs.mjs";

/** What the numbers of every value lie between, over the calibration inputs, without the outermost part of them. */
export async function observe(graph, inputs, { openGraph, outermost }) {
  const session = await openGraph(withEverythingSeen(graph));
  const seen = new Map();
  const note = (name, values) => {
    const sorted = Float32Array.from(values).sort();
    const cut = Math.floor(sorted.length * outermost);
    const [low, high] = [sorted[cut], sorted[sorted.length - 1 - cut]];
    const before = seen.get(name) ?? { low: 0, high: 0 };
    seen.set(name, { low: Math.min(before.low, low), high: Math.max(before.high, high) });
  };
  for (const input of inputs) {
    note(graph.inputs[0].name, input);
    for (const [name, values] of Object.entries(await session.run(input))) note(name, values);
  }
  await session.close();
  return seen;
}

/** `keep`: names of convolutions that stay as they are. */
export function quantise(graph, ranges, { keep = new Set() } = {}) {
  const constants = new Map(graph.constants);
  const nodes = [];
  const renamed = new Map();
  const put = (name, shape, data) => {
    constants.set(name, { shape, data });
    return name;
  };
  /** The value as it is after being said in eight bits. */
  const inEightBits = (name) => {
    if (renamed.has(name)) return renamed.get(name);
    const { low, high } = ranges.get(name);
    const scale = Math.max(high - low, 1e-6) / 255;
    const zero = Math.max(0, Math.min(255, Math.round(-low / scale)));
    const parts = [put(`${name}_scale`, [], Float32Array.of(scale)), put(`${name}_zero`, [], Uint8Array.of(zero))];
    nodes.push({ op: "QuantizeLinear", inputs: [name, ...parts], output: `${name}_q`, attributes: {} });
    nodes.push({ op: "DequantizeLinear", inputs: [`${name}_q`, ...parts], output: `${name}_dq`, attributes: {} });
    renamed.set(name, `${name}_dq`);
    return renamed.get(name);
  };
  for (const node of graph.nodes) {
    if (node.op === "Conv" && !keep.has(node.output)) {
      const [input, kernel, bias] = node.inputs;
      const from = inEightBits(input);
      const inputScale = constants.get(`${input}_scale`).data[0];
      nodes.push({ ...node, inputs: [from, ...weights(constants, nodes, { graph, kernel, bias, inputScale })] });
    } else if (["Add", "AveragePool", "MaxPool", "Pad", "GlobalAveragePool"].includes(node.op)) {
      const [first, ...others] = node.inputs;
      const rest = node.op === "Add" ? others.map(inEightBits) : others;
      nodes.push({ ...node, inputs: [inEightBits(first), ...rest] });
    } else nodes.push({ ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) });
    const takers = takersOf(graph, node.output);
    // Between a convolution or a sum and its activation nothing is rounded: the runtime makes one kernel of them.
    const isInner = takers.length === 1 && takers[0].op === "Relu";
    if (
      takers.length > 0 &&
      !isInner &&
      ["Conv", "Relu", "Add", "MaxPool", "AveragePool", "Pad", "GlobalAveragePool"].includes(node.op)
    ) {
      inEightBits(node.output);
    }
  }
  return { ...graph, nodes, constants };
}

function weights(constants, nodes, { graph, kernel, bias, inputScale }) {
  const { shape, data } = floats(graph, kernel);
  const [channels] = shape;
  const each = data.length / channels;
  const scales = new Float32Array(channels);
  const eight = new Int8Array(data.length);
  for (let c = 0; c < channels; c++) {
    const row = data.subarray(c * each, (c + 1) * each);
    scales[c] =
      Math.max(
        row.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
        1e-9,
      ) / 127;
    row.forEach((value, i) => {
      eight[c * each + i] = Math.round(value / scales[c]);
    });
  }
  const names = [`${kernel}_i8`, `${kernel}_scale`, `${kernel}_zero`];
  constants.set(names[0], { shape, data: eight });
  constants.set(names[1], { shape: [channels], data: scales });
  constants.set(names[2], { shape: [channels], data: new Int8Array(channels) });
  nodes.push({ op: "DequantizeLinear", inputs: names, output: `${kernel}_dq`, attributes: { axis: 0 } });
  if (bias === undefined) return [`${kernel}_dq`];
  const biasScales = scales.map((scale) => scale * inputScale);
  const whole = Int32Array.from(floats(graph, bias).data, (value, c) => Math.round(value / biasScales[c]));
  const biasNames = [`${bias}_i32`, `${bias}_scale`, `${bias}_zero`];
  constants.set(biasNames[0], { shape: [channels], data: whole });
  constants.set(biasNames[1], { shape: [channels], data: biasScales });
  constants.set(biasNames[2], { shape: [channels], data: new Int32Array(channels) });
  nodes.push({ op: "DequantizeLinear", inputs: biasNames, output: `${bias}_dq`, attributes: { axis: 0 } });
  return [`${kernel}_dq`, `${bias}_dq`];
}
