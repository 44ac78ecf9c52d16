import { z } from "zod";
import { LintelError } from "../core/errors.ts";
import type { NetworkContract } from "./contract.ts";
import { GraphBuilder, type OnnxGraph } from "./onnx/graph.ts";
import { denseKernel } from "./onnx/relayout.ts";
import type { SourceFiles } from "./source.ts";
import { fileAt, parseJson } from "./tfjs/graph.ts";
import { inputName } from "./tfjs/translate.ts";
import { decodeWeights, type Tensor, weightSpecSchema } from "./tfjs/weights.ts";

const manifestSchema = z.array(z.object({ weights: z.array(weightSpecSchema), paths: z.array(z.string()) })).length(1);

/** The blocks after the first convolution, in order, by the names of their weights. `_down` ones halve the picture. */
const blocks = [
  "conv32_1",
  "conv32_2",
  "conv32_3",
  "conv64_down",
  "conv64_1",
  "conv64_2",
  "conv64_3",
  "conv128_down",
  "conv128_1",
  "conv128_2",
  "conv256_down",
  "conv256_1",
  "conv256_2",
  "conv256_down_out",
] as const;

/** A square picture of feature planes on its way through the network. */
interface Planes {
  readonly name: string;
  readonly size: number;
  readonly channels: number;
}

/** Builds dlib's residual network, of which only the weights are published. Scales and shifts are left to be folded. */
export function buildDlib(files: SourceFiles, contract: NetworkContract, manifest: string): OnnxGraph {
  const weights = readWeights(files, contract, manifest);
  const builder = new GraphBuilder();
  const network = new DlibBuilder(builder, weights);
  const first = network.convolution({ name: inputName, size: contract.input.width, channels: 3 }, "conv32_down", 2);
  let planes = network.maxPool(network.relu(first));
  for (const block of blocks)
    planes = block.includes("_down") ? network.down(planes, block) : network.same(planes, block);
  network.embedding(planes);
  return {
    name: contract.name,
    inputs: [{ name: inputName, shape: [1, 3, contract.input.height, contract.input.width] }],
    outputs: [{ name: "embedding", shape: [1, 128] }],
    nodes: builder.nodes,
    constants: builder.constants,
  };
}

function readWeights(files: SourceFiles, contract: NetworkContract, manifest: string): ReadonlyMap<string, Tensor> {
  const [group] = parseJson(manifestSchema, files, manifest);
  const binary = contract.files.find((file) => file.path !== manifest);
  if (group === undefined || binary === undefined) throw new LintelError("LINTEL_E_MODEL", "dlib: no weights named");
  return decodeWeights(group.weights, fileAt(files, binary.path));
}

class DlibBuilder {
  readonly #builder: GraphBuilder;
  readonly #weights: ReadonlyMap<string, Tensor>;

  constructor(builder: GraphBuilder, weights: ReadonlyMap<string, Tensor>) {
    this.#builder = builder;
    this.#weights = weights;
  }

  /** A convolution and its scale and shift for each channel. Stride 2 pads nothing, stride 1 keeps the size. */
  convolution(input: Planes, name: string, stride: 1 | 2): Planes {
    const { shape, data } = this.#floats(`${name}/conv/filters`);
    const [height = 0, width = 0, inputs = 0, channels = 0] = shape;
    const margin = stride === 1 ? (height - 1) / 2 : 0;
    const kernel = denseKernel({ shape: [height, width, inputs, channels], data });
    const conv = this.#builder.emit(
      "Conv",
      [
        input.name,
        this.#builder.floats([channels, inputs, height, width], kernel),
        this.#vector(`${name}/conv/bias`, [channels]),
      ],
      { kernel_shape: [height, width], strides: [stride, stride], pads: [margin, margin, margin, margin] },
    );
    const scaled = this.#builder.emit("Mul", [conv, this.#vector(`${name}/scale/weights`, [channels, 1, 1])]);
    const shifted = this.#builder.emit("Add", [scaled, this.#vector(`${name}/scale/biases`, [channels, 1, 1])]);
    return { name: shifted, size: Math.floor((input.size + 2 * margin - height) / stride) + 1, channels };
  }

  relu(input: Planes): Planes {
    return { ...input, name: this.#builder.emit("Relu", [input.name]) };
  }

  maxPool(input: Planes): Planes {
    const name = this.#builder.emit("MaxPool", [input.name], { kernel_shape: [3, 3], strides: [2, 2] });
    return { ...input, name, size: Math.floor((input.size - 3) / 2) + 1 };
  }

  /** A residual block that keeps size and channels. */
  same(input: Planes, name: string): Planes {
    const inner = this.relu(this.convolution(input, `${name}/conv1`, 1));
    return this.#sum(this.convolution(inner, `${name}/conv2`, 1), input);
  }

  /** A residual block that halves the size. The shortcut is a mean of 2 x 2; whichever side is smaller gets zeros. */
  down(input: Planes, name: string): Planes {
    const inner = this.relu(this.convolution(input, `${name}/conv1`, 2));
    const main = this.convolution(inner, `${name}/conv2`, 1);
    const pooled = this.#builder.emit("AveragePool", [input.name], { kernel_shape: [2, 2], strides: [2, 2] });
    const shortcut = { name: pooled, size: Math.floor(input.size / 2), channels: input.channels };
    const size = Math.max(main.size, shortcut.size);
    const channels = Math.max(main.channels, shortcut.channels);
    return this.#sum(this.#grow(main, size, channels), this.#grow(shortcut, size, channels));
  }

  embedding(input: Planes): void {
    const { shape, data } = this.#floats("fc");
    const pooled = this.#builder.emit("GlobalAveragePool", [input.name]);
    const row = this.#builder.emit("Reshape", [pooled, this.#builder.integers([1, input.channels])]);
    this.#builder.emitAs("embedding", "MatMul", [row, this.#builder.floats(shape, data)], {});
  }

  #sum(a: Planes, b: Planes): Planes {
    return this.relu({ ...a, name: this.#builder.emit("Add", [a.name, b.name]) });
  }

  /** Zeros after the channels and at the right and lower border. */
  #grow(input: Planes, size: number, channels: number): Planes {
    const [more, border] = [channels - input.channels, size - input.size];
    if (more === 0 && border === 0) return input;
    const pads = this.#builder.integers([0, 0, 0, 0, 0, more, border, border]);
    return { name: this.#builder.emit("Pad", [input.name, pads]), size, channels };
  }

  #vector(name: string, shape: readonly number[]): string {
    return this.#builder.floats(shape, this.#floats(name).data);
  }

  #floats(name: string): { shape: readonly number[]; data: Float32Array } {
    const tensor = this.#weights.get(name);
    if (!(tensor?.data instanceof Float32Array)) throw new LintelError("LINTEL_E_MODEL", `dlib: no weights ${name}`);
    return { shape: tensor.shape, data: tensor.data };
  }
}
