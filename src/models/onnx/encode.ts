import protobuf from "protobufjs/light.js";
import type { Attribute, Constant, OnnxGraph, Port } from "./graph.ts";

/** Version of the file format and of the operator set (ONNX 1.12). */
const irVersion = 8;
const operatorSet = 17;

/** Numbers of `TensorProto.DataType` and `AttributeProto.AttributeType`. */
const dataType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
const attributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** The messages of onnx.proto3 with the fields that are written here; field numbers are those of the standard. */
const descriptor = {
  nested: {
    Dimension: { fields: { dimValue: { type: "int64", id: 1 } } },
    TensorShape: { fields: { dim: { rule: "repeated", type: "Dimension", id: 1 } } },
    TensorType: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "TensorShape", id: 2 } } },
    Type: { fields: { tensorType: { type: "TensorType", id: 1 } } },
    ValueInfo: { fields: { name: { type: "string", id: 1 }, type: { type: "Type", id: 2 } } },
    Tensor: {
      fields: {
        dims: { rule: "repeated", type: "int64", id: 1 },
        dataType: { type: "int32", id: 2 },
        name: { type: "string", id: 8 },
        rawData: { type: "bytes", id: 9 },
      },
    },
    Attribute: {
      fields: {
        name: { type: "string", id: 1 },
        f: { type: "float", id: 2 },
        i: { type: "int64", id: 3 },
        s: { type: "bytes", id: 4 },
        ints: { rule: "repeated", type: "int64", id: 8 },
        type: { type: "int32", id: 20 },
      },
    },
    Node: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "Attribute", id: 5 },
      },
    },
    Graph: {
      fields: {
        node: { rule: "repeated", type: "Node", id: 1 },
        name: { type: "string", id: 2 },
        initializer: { rule: "repeated", type: "Tensor", id: 5 },
        input: { rule: "repeated", type: "ValueInfo", id: 11 },
        output: { rule: "repeated", type: "ValueInfo", id: 12 },
      },
    },
    OperatorSet: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    Model: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        producerName: { type: "string", id: 2 },
        graph: { type: "Graph", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSet", id: 8 },
      },
    },
  },
};

/** The message type of a whole ONNX model, for writing and for reading back. */
export function modelType(): protobuf.Type {
  return protobuf.Root.fromJSON(descriptor).lookupType("Model");
}

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
  return modelType().encode(model).finish();
}

function attribute(name: string, value: Attribute): object {
  if (typeof value === "number") return { name, type: attributeType.int, i: value };
  if (typeof value === "string") return { name, type: attributeType.string, s: Buffer.from(value) };
  if ("float" in value) return { name, type: attributeType.float, f: value.float };
  return { name, type: attributeType.ints, ints: value };
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
  if (data instanceof Float32Array) return dataType.float;
  if (data instanceof BigInt64Array) return dataType.int64;
  if (data instanceof Int32Array) return dataType.int32;
  return data instanceof Int8Array ? dataType.int8 : dataType.uint8;
}

function port({ name, shape }: Port): object {
  return {
    name,
    type: {
      tensorType: { elemType: dataType.float, shape: { dim: shape.map((dimValue) => ({ dimValue })) } },
    },
  };
}
