/**
 * What the pipeline needs from a compute engine. Engines live in `hal/compute`; tests may hand in numbers.
 */

/** The networks that come with the npm packages and are always there. */
export type PackagedNetworkName = "blazeface" | "facemesh" | "dlib" | "faceres";

/** Networks that an operator may install; a door works without them. */
export type OptionalNetworkName = AntiSpoofNetworkName | OptionalEmbedderName;
export type AntiSpoofNetworkName = "minifasnet-v2" | "minifasnet-v1se";
export type OptionalEmbedderName = "sface-2021dec" | "auraface-v1" | "mobileface-v2";

/** The networks the pipeline knows; `models/` says where each comes from and what it expects. */
export type NetworkName = PackagedNetworkName | OptionalNetworkName;

/** How pixels lie in the input: planes (ONNX Runtime) or interleaved (TensorFlow.js). Batch is always one. */
export type InputLayout = "nchw" | "nhwc";

export interface Network {
  readonly inputLayout: InputLayout;
  /** Width and height of the input in pixels (three channels; their order, range and mean as the network's file in `models/` says). */
  readonly inputWidth: number;
  readonly inputHeight: number;
  /**
   * Runs the network once. `input` has inputWidth * inputHeight * 3 numbers and may be reused by the caller afterwards.
   * Returns the outputs by the names that the network's file in `models/` documents.
   */
  run(input: Float32Array): Promise<Readonly<Record<string, Float32Array>>>;
}

export interface Engine {
  /** For logs and reports, for example `onnx` and `cpu`. */
  readonly name: string;
  readonly device: string;
  /** `int8` when the embedders that are open compute so; absent: 32-bit floats throughout. */
  readonly precision?: "float32" | "int8";
  /** Loads a network; the same name gives the same instance. Throws `LINTEL_E_MODEL` with what to do. */
  open(name: NetworkName): Promise<Network>;
  close(): Promise<void>;
}
