// Fewer filters: in each residual block those inner channels go that matter least to the convolution after them (Molchanov et al. 2017 name
// the family). What a lost channel gave on the average goes into the bias, so that only its variation is lost.
import { floats, takersOf } from "./graphs.mjs";

/** `means` and `spreads`: of every channel of a value, over calibration inputs. `part`: of the inner channels that go, in steps of 16. */
export function prune(graph, { means, spreads, part }) {
  const constants = new Map(graph.constants);
  const replaced = new Map();
  for (const conv of graph.nodes.filter(({ op }) => op === "Conv")) {
    const [relu] = takersOf(graph, conv.output);
    const next = relu?.op === "Relu" ? takersOf(graph, relu.output) : [];
    // Only what one convolution alone takes: the inside of a block.
    if (next.length !== 1 || next[0].op !== "Conv") continue;
    const kept = choose(graph, { relu, next: next[0], spreads, part });
    if (kept === null) continue;
    const [, kernel, bias] = conv.inputs;
    const own = floats(graph, kernel);
    const each = own.data.length / own.shape[0];
    const rows = kept.flatMap((c) => Array.from(own.data.subarray(c * each, (c + 1) * each)));
    constants.set(kernel, { shape: [kept.length, ...own.shape.slice(1)], data: Float32Array.from(rows) });
    constants.set(bias, { shape: [kept.length], data: Float32Array.from(kept, (c) => floats(graph, bias).data[c]) });
    narrow(graph, constants, { conv: next[0], kept, means: means.get(relu.output) });
    replaced.set(conv.output, kept.length);
  }
  return { graph: { ...graph, constants }, replaced };
}

/** The channels that stay, or null where none can go. */
function choose(graph, { relu, next, spreads, part }) {
  const { shape, data } = floats(graph, next.inputs[1]);
  const [outputs, inputs, ...window] = shape;
  const area = window.reduce((a, b) => a * b, 1);
  const stays = Math.max(16, Math.round((inputs * (1 - part)) / 16) * 16);
  if (stays >= inputs) return null;
  const worth = Array.from({ length: inputs }, (_, c) => {
    let squares = 0;
    for (let o = 0; o < outputs; o++) {
      for (let k = 0; k < area; k++) squares += data[(o * inputs + c) * area + k] ** 2;
    }
    return { c, worth: Math.sqrt(squares) * spreads.get(relu.output)[c] };
  });
  const best = worth.sort((a, b) => b.worth - a.worth).slice(0, stays);
  return best.map(({ c }) => c).sort((a, b) => a - b);
}

function narrow(graph, constants, { conv, kept, means }) {
  const [, kernel, bias] = conv.inputs;
  const { shape, data } = floats(graph, kernel);
  const [outputs, inputs, ...window] = shape;
  const area = window.reduce((a, b) => a * b, 1);
  const stays = new Set(kept);
  const shifted = Float32Array.from(floats(graph, bias).data);
  const rows = [];
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < inputs; c++) {
      const own = data.subarray((o * inputs + c) * area, (o * inputs + c + 1) * area);
      if (stays.has(c)) rows.push(...own);
      else shifted[o] += own.reduce((sum, value) => sum + value, 0) * means[c];
    }
  }
  constants.set(kernel, { shape: [outputs, kept.length, ...window], data: Float32Array.from(rows) });
  constants.set(bias, { shape: [outputs], data: shifted });
}
