import type { InferenceSession, Tensor } from "onnxruntime-node";
import { errorText, LintelError } from "../../core/errors.ts";

/** Any ONNX graph with named inputs and outputs of floats, as painting wants them. */
export interface OnnxGraphs {
  readonly name: string;
  readonly device: string;
  open(onnx: Uint8Array, options?: { sparesMemory?: boolean }): Promise<OnnxGraphSession>;
}

export interface OnnxGraphSession {
  /** Outputs that are named in `into` are written there. */
  run(
    inputs: Readonly<Record<string, GraphTensor>>,
    into?: Readonly<Record<string, GraphTensor>>,
  ): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}

interface GraphTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** ONNX Runtime on the processor for graphs that are made at run time. The runtime is loaded with the first one. */
export function createOnnxGraphs(options: { threads: number }): OnnxGraphs {
  return {
    name: "onnx",
    device: "cpu",
    async open(onnx, { sparesMemory = false } = {}) {
      try {
        const runtime = await import("onnxruntime-node");
        const session = await runtime.InferenceSession.create(onnx, sessionOptions(options.threads, sparesMemory));
        return new Session(session, runtime.Tensor);
      } catch (cause) {
        throw new LintelError("LINTEL_E_MODEL", `the graph cannot be opened: ${errorText(cause)}`, { cause });
      }
    },
  };
}

// --- internal ---

/**
 * Above `extended` the runtime keeps features in blocks of channels, which is somewhat faster and needs a second copy of those that are
 * used as planes too.
 */
function sessionOptions(threads: number, sparesMemory: boolean): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    graphOptimizationLevel: sparesMemory ? "extended" : "all",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: true,
    // Planned memory would come on top of what the first run already took: twice as much in all, and no faster here.
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" }, set_denormal_as_zero: "1" } },
  };
}

class Session implements OnnxGraphSession {
  readonly #session: InferenceSession;
  readonly #Tensor: typeof Tensor;

  constructor(session: InferenceSession, tensor: typeof Tensor) {
    this.#session = session;
    this.#Tensor = tensor;
  }

  async run(
    inputs: Readonly<Record<string, GraphTensor>>,
    into: Readonly<Record<string, GraphTensor>> = {},
  ): Promise<Readonly<Record<string, Float32Array>>> {
    const given = this.#tensors(into);
    const fetches = this.#session.outputNames.map((name) => [name, given[name] ?? null] as const);
    const results = await this.#session.run(this.#tensors(inputs), Object.fromEntries(fetches));
    const outputs: Record<string, Float32Array> = {};
    for (const [name, { data }] of Object.entries(results)) {
      if (!(data instanceof Float32Array)) throw new LintelError("LINTEL_E_MODEL", `output ${name} has no floats`);
      outputs[name] = data;
    }
    return outputs;
  }

  close(): Promise<void> {
    return this.#session.release();
  }

  #tensors(named: Readonly<Record<string, GraphTensor>>): Record<string, Tensor> {
    const tensors = Object.entries(named).map(([name, { data, shape }]) => {
      return [name, new this.#Tensor("float32", data, shape)] as const;
    });
    return Object.fromEntries(tensors);
  }
}
