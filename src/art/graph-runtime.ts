/**
 * What painting needs from a compute engine: any ONNX graph with named inputs and outputs of floats. `hal/compute` has one on
 * ONNX Runtime; tests may bring their own.
 */
export interface GraphRuntime {
  /** For provenance, for example `onnx`. */
  readonly name: string;
  readonly device: string;
  /** Throws `LINTEL_E_MODEL` when the graph cannot be opened. */
  open(onnx: Uint8Array, options?: GraphOptions): Promise<GraphSession>;
}

export interface GraphOptions {
  /** Where memory counts more than speed: for canvases that would otherwise not fit. */
  readonly sparesMemory?: boolean;
}

export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface GraphSession {
  /**
   * Runs the graph once. Arrays that are handed in may be reused by the caller afterwards. Outputs that are named in `into` are
   * written there: large ones would otherwise lie about until the collector comes.
   */
  run(
    inputs: Readonly<Record<string, FloatTensor>>,
    into?: Readonly<Record<string, FloatTensor>>,
  ): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}
