import { LintelError } from "../../../core/errors.ts";
import { onnxAttributeType, onnxDataType, onnxModelType } from "../../../core/onnx-messages.ts";

/** Whole numbers, a number, a text or a tensor, as the node carries them. */
export type OnnxAttribute = number | readonly number[] | string | OnnxTensor;

export interface OnnxTensor {
  readonly shape: readonly number[];
  /** Whole numbers of 64 bits become plain ones: they are shapes and axes. */
  readonly data: Float32Array | readonly number[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxModel {
  readonly input: string;
  readonly outputs: readonly string[];
  /** In topological order. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxTensor>;
}

/**
 * Reads an ONNX model with one input, as our compiler and others' exporters write them. Throws `LINTEL_E_MODEL` when it is none, and
 * `LINTEL_E_MODEL_UNSUPPORTED` for what is not read here (other numbers than 32-bit floats and 64-bit whole numbers, data in files beside).
 */
export function readOnnx(name: string, bytes: Uint8Array): OnnxModel {
  const graph = decode(name, bytes);
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensorOf(name, tensor)]));
  const inputs = graph.input.map((port) => port.name).filter((input) => !constants.has(input));
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw new LintelError("LINTEL_E_MODEL", `model ${name} has ${inputs.length} inputs, expected one`);
  }
  return {
    input,
    outputs: graph.output.map((port) => port.name),
    nodes: graph.node.map((node) => nodeOf(name, node)),
    constants,
  };
}

// --- internal ---

const modelType = onnxModelType();

/** As protobuf hands them out with defaults filled in. */
interface RawTensor {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly floatData: readonly number[];
  readonly int64Data: readonly number[];
  readonly name: string;
  readonly rawData: Uint8Array;
  readonly dataLocation: number;
}
interface RawAttribute {
  readonly name: string;
  readonly f: number;
  readonly i: number;
  readonly s: Uint8Array;
  readonly t: RawTensor | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly type: number;
}
interface RawNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly opType: string;
  readonly attribute: readonly RawAttribute[];
}
interface RawGraph {
  readonly node: readonly RawNode[];
  readonly initializer: readonly RawTensor[];
  readonly input: readonly { readonly name: string }[];
  readonly output: readonly { readonly name: string }[];
}

function decode(name: string, bytes: Uint8Array): RawGraph {
  try {
    const message = modelType.decode(bytes);
    // The types above are the description that the message was read by.
    const { graph } = modelType.toObject(message, { longs: Number, defaults: true, arrays: true }) as {
      graph: RawGraph | null;
    };
    if (graph !== null && graph.node.length > 0) return graph;
  } catch (cause) {
    throw new LintelError("LINTEL_E_MODEL", `model ${name} is not an ONNX model`, { cause });
  }
  throw new LintelError("LINTEL_E_MODEL", `model ${name} is an empty ONNX model`);
}

const { float: float32, int64 } = onnxDataType;

function tensorOf(model: string, tensor: RawTensor): OnnxTensor {
  const { dims, dataType, rawData } = tensor;
  if ((dataType !== float32 && dataType !== int64) || tensor.dataLocation !== 0) {
    throw unsupported(model, `the numbers of ${tensor.name} (type ${dataType}) cannot be read`);
  }
  // A copy, so that wider views are aligned.
  const raw = Uint8Array.from(rawData).buffer;
  const data =
    dataType === float32
      ? raw.byteLength > 0
        ? new Float32Array(raw)
        : Float32Array.from(tensor.floatData)
      : raw.byteLength > 0
        ? Array.from(new BigInt64Array(raw), Number)
        : tensor.int64Data;
  const count = dims.reduce((product, size) => product * size, 1);
  if (data.length !== count) {
    throw new LintelError("LINTEL_E_MODEL", `model ${model}: ${tensor.name} has ${data.length} numbers of ${count}`);
  }
  return { shape: dims, data };
}

function nodeOf(model: string, { opType, input, output, attribute }: RawNode): OnnxNode {
  const [name] = output;
  if (name === undefined || output.filter((each) => each !== "").length !== 1) {
    throw unsupported(model, `operation ${opType} with ${output.length} outputs is not known`);
  }
  const attributes = new Map(attribute.map((each) => [each.name, attributeOf(model, each)]));
  return { op: opType, inputs: input, output: name, attributes };
}

function attributeOf(model: string, attribute: RawAttribute): OnnxAttribute {
  switch (attribute.type) {
    case onnxAttributeType.float:
      return attribute.f;
    case onnxAttributeType.int:
      return attribute.i;
    case onnxAttributeType.string:
      return Buffer.from(attribute.s).toString("utf8");
    case onnxAttributeType.tensor:
      if (attribute.t) return tensorOf(model, attribute.t);
      break;
    case onnxAttributeType.floats:
      return attribute.floats;
    case onnxAttributeType.ints:
      return attribute.ints;
  }
  throw unsupported(model, `attribute ${attribute.name} (type ${attribute.type}) cannot be read`);
}

function unsupported(model: string, why: string): LintelError {
  return new LintelError("LINTEL_E_MODEL_UNSUPPORTED", `model ${model}: ${why}`, {
    hint: "Run it in ONNX Runtime: compute.engine: onnx.",
  });
}
