// What the numbers of a network lie between: from which the eight bits of `src/models/onnx/quantise.ts` are laid out.
import { valuesInEightBits } from "../../dist/models/onnx/quantise.js";
import { withEverythingSeen } from "./graphs.mjs";

/** `{name: [low, high]}` of every value that is said in eight bits, over the inputs, without the outermost part of each. */
export async function observe(graph, inputs, { openGraph, outermost }) {
  const session = await openGraph(withEverythingSeen(graph));
  const ranges = {};
  const note = (name, values) => {
    const sorted = Float32Array.from(values).sort();
    const cut = Math.floor(sorted.length * outermost);
    const [low, high] = ranges[name] ?? [0, 0];
    ranges[name] = [Math.min(low, sorted[cut]), Math.max(high, sorted[sorted.length - 1 - cut])];
  };
  const names = valuesInEightBits(graph);
  for (const input of inputs) {
    const values = { [graph.inputs[0].name]: input, ...(await session.run(input)) };
    for (const name of names) note(name, values[name]);
  }
  await session.close();
  return ranges;
}
