import type * as Tensorflow from "@tensorflow/tfjs-core";
import { LintelError } from "../../../core/errors.ts";
import { fuseActivations } from "./fuse.ts";
import type { OnnxModel, OnnxNode } from "./onnx-file.ts";
import { type Layout, operations, type PlanContext } from "./operations.ts";

export type Library = typeof Tensorflow;
type Tensor = Tensorflow.Tensor;

/** One node, ready to run: which values it takes, which of them nobody needs afterwards. */
interface Step {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly lastUseOf: readonly string[];
  run(inputs: readonly Tensor[]): Tensor;
}

/**
 * Runs a graph with TensorFlow.js operations on whichever backend is active. ONNX speaks of planes (batch, channel, height, width); the
 * backends want channels last, so every picture is kept that way inside and the input has to come that way too. Constants are laid out
 * once; whatever a run makes it also disposes of.
 */
export class GraphRunner {
  readonly #tf: Library;
  readonly #steps: readonly Step[];
  readonly #outputs: readonly string[];
  readonly #input: string;
  /** Constants on the device. */
  readonly #kept: Tensor[] = [];

  /** Throws `LINTEL_E_MODEL_UNSUPPORTED` for an operation that is not known. */
  constructor(tf: Library, name: string, source: OnnxModel) {
    const model = fuseActivations(source);
    this.#tf = tf;
    this.#input = model.input;
    this.#outputs = model.outputs;
    try {
      this.#steps = this.#plan(name, model);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** `input` is a picture with channels last: [1, height, width, 3]. The caller disposes of the outputs. */
  run(input: Tensor): ReadonlyMap<string, Tensor> {
    const values = new Map<string, Tensor>([[this.#input, input]]);
    const outputs = new Map<string, Tensor>();
    try {
      for (const step of this.#steps) {
        const made = this.#tf.tidy(() => step.run(step.inputs.map((name) => found(values, name))));
        values.set(step.output, made);
        for (const name of step.lastUseOf) {
          values.get(name)?.dispose();
          values.delete(name);
        }
      }
      for (const name of this.#outputs) outputs.set(name, this.#tf.clone(found(values, name)));
      return outputs;
    } catch (error) {
      for (const tensor of outputs.values()) tensor.dispose();
      throw error;
    } finally {
      for (const tensor of values.values()) if (tensor !== input) tensor.dispose();
    }
  }

  dispose(): void {
    for (const tensor of this.#kept.splice(0)) tensor.dispose();
  }

  #plan(name: string, model: OnnxModel): Step[] {
    const layouts = new Map<string, Layout>([[model.input, "picture"]]);
    const lastUse = lastUses(model);
    return model.nodes.map((node, position) => {
      const context = this.#context(name, model, { node, layouts });
      const operation = operations.get(node.op);
      if (operation === undefined) throw context.unsupported("is not known");
      const { layout, run } = operation(context);
      layouts.set(node.output, layout);
      const inputs = node.inputs.filter((input) => input !== "" && !model.constants.has(input));
      const lastUseOf = [...new Set(inputs)].filter((input) => lastUse.get(input) === position);
      return { inputs, output: node.output, lastUseOf: lastUseOf.filter((input) => input !== model.input), run };
    });
  }

  #context(
    name: string,
    model: OnnxModel,
    { node, layouts }: { node: OnnxNode; layouts: ReadonlyMap<string, Layout> },
  ): PlanContext {
    return {
      tf: this.#tf,
      node,
      constant: (position) => model.constants.get(node.inputs[position] ?? ""),
      layout: (position) => layouts.get(node.inputs[position] ?? "") ?? "plain",
      keep: (make) => {
        const tensor = this.#tf.keep(this.#tf.tidy(make));
        this.#kept.push(tensor);
        return tensor;
      },
      unsupported: (why) =>
        new LintelError("LINTEL_E_MODEL_UNSUPPORTED", `model ${name}: operation ${node.op} (${node.output}) ${why}`, {
          hint: "Run it in ONNX Runtime: compute.engine: onnx.",
        }),
    };
  }
}

// --- internal ---

/** Position of the last node that takes a value; what leaves the graph is never taken for the last time. */
function lastUses(model: OnnxModel): Map<string, number> {
  const uses = new Map<string, number>();
  model.nodes.forEach((node, position) => {
    for (const input of node.inputs) uses.set(input, position);
  });
  for (const output of model.outputs) uses.set(output, model.nodes.length);
  return uses;
}

function found(values: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const value = values.get(name);
  if (value === undefined) throw new LintelError("LINTEL_E_MODEL", `the graph uses ${name} before it is computed`);
  return value;
}
