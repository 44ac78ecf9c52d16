// Networks as plain data, changed and run: what the experiments of compression have in common.
import { InferenceSession, Tensor } from "onnxruntime-node";
import { buildNetwork } from "../../dist/models/compile.js";
import { encodeOnnx, modelType } from "../../dist/models/onnx/encode.js";
import { readSource } from "../../dist/models/source.js";

export const build = async (contract, form) => buildNetwork(contract, await readSource(contract), form);

/** Opens a graph as the product does: one thread of the processor. `run` gives all outputs of one input. */
export async function open(graph, threads = 1) {
  const bytes = withoutUnknownShapes(encodeOnnx(graph));
  const session = await InferenceSession.create(bytes, {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" }, set_denormal_as_zero: "1" } },
  });
  const { name, shape } = graph.inputs[0];
  return {
    bytes: bytes.length,
    async run(input) {
      const results = await session.run({ [name]: new Tensor("float32", input, shape) });
      return Object.fromEntries(Object.entries(results).map(([output, { data }]) => [output, data]));
    },
    close: () => session.release(),
  };
}

/** Every value on its way as an output too, for looking at what flows. */
export function withEverythingSeen(graph) {
  const seen = graph.nodes.map(({ output }) => ({ name: output, shape: [] }));
  const known = new Set(graph.outputs.map(({ name }) => name));
  return { ...graph, outputs: [...graph.outputs, ...seen.filter(({ name }) => !known.has(name))] };
}

/** An output without dimensions is one whose shape nobody has worked out: the runtime does. */
function withoutUnknownShapes(bytes) {
  const model = modelType().decode(bytes);
  for (const { type } of model.graph.output) if (type.tensorType.shape.dim.length === 0) delete type.tensorType.shape;
  return modelType().encode(model).finish();
}

/** Who takes a value. */
export const takersOf = (graph, name) => graph.nodes.filter(({ inputs }) => inputs.includes(name));

export const floats = (graph, name) => {
  const constant = graph.constants.get(name);
  if (!(constant?.data instanceof Float32Array)) throw new Error(`${name} is not a constant of floats`);
  return constant;
};
