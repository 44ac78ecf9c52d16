import { onnxAttributeType, onnxDataType, onnxModelType } from "../../core/onnx-messages.ts";
import type { Attribute, Constant, OnnxGraph, Port } from "./graph.ts";

/** For reading back what is written here. */
export { onnxModelType as modelType };

/** Version of the file format and of the operator set (ONNX 1.12). */
const irVersion = 8;
const operatorSet = 17;

/** Writes the graph as an ONNX model. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const model = {
    irVersion,
    producerName: "lintel",
    opsetImport: [{ domain: "", version: operatorSet }],
    graph: {
      name: graph.name,
      node: graph.nodes.map((node) => ({
        opType: node.op,
        name: node.output,
        input: node.inputs,
        output: [node.output],
        attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
      })),
      initializer: [...graph.constants].map(([name, constant]) => tensor(name, constant)),
      input: graph.inputs.map(port),
      output: graph.outputs.map(port),
    },
  };
  return onnxModelType().encode(model).finish();
}

function attribute(name: string, value: Attribute): object {
  if (typeof value === "number") return { name, type: onnxAttributeType.int, i: value };
  if (typeof value === "string") return { name, type: onnxAttributeType.string, s: Buffer.from(value) };
  if ("float" in value) return { name, type: onnxAttributeType.float, f: value.float };
  return { name, type: onnxAttributeType.ints, ints: value };
}

/** Raw data is little endian by the standard, as are all machines that the runtime has binaries for. */
function tensor(name: string, { shape, data }: Constant): object {
  return {
    name,
    dims: shape,
    dataType: typeOf(data),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function typeOf(data: Constant["data"]): number {
  if (data instanceof Float32Array) return onnxDataType.float;
  if (data instanceof BigInt64Array) return onnxDataType.int64;
  if (data instanceof Int32Array) return onnxDataType.int32;
  return data instanceof Int8Array ? onnxDataType.int8 : onnxDataType.uint8;
}

function port({ name, shape }: Port): object {
  return {
    name,
    type: {
      tensorType: { elemType: onnxDataType.float, shape: { dim: shape.map((dimValue) => ({ dimValue })) } },
    },
  };
}
