import type { InferenceSession, Tensor } from "onnxruntime-node";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Engine, Network, NetworkName } from "../../pipeline/engine.ts";
import type { EngineParts } from "./driver.ts";
import { OpenedNetworks } from "./opened-networks.ts";

export type OnnxDevice = "cpu" | "webgpu" | "cuda" | "tensorrt";

export interface OnnxEngineOptions extends EngineParts {
  /** Default: the processor. */
  readonly device?: OnnxDevice;
  /** The networks in eight bits, on the processor; default false. */
  readonly isEightBit?: boolean;
}

type Runtime = typeof import("onnxruntime-node");

/**
 * ONNX Runtime. The runtime is loaded with the first network, so that a process that never opens one does not pay for it. `open`
 * throws `LINTEL_E_MODEL`.
 */
export function createOnnxEngine(options: OnnxEngineOptions): Engine {
  const { device = "cpu", isEightBit = false } = options;
  let runtime: Promise<Runtime> | undefined;

  const openOnce = async (name: NetworkName): Promise<OnnxNetwork> => {
    runtime ??= loadRuntime();
    const purpose = device !== "cpu" ? "portable" : isEightBit ? "eight-bit" : "processor";
    const [{ InferenceSession, Tensor }, model] = await Promise.all([runtime, options.source.load(name, purpose)]);
    const session = await createSession(InferenceSession, model.onnx, {
      name,
      device,
      options: sessionOptions(device, options.threads),
    });
    options.logger.debug({ model: name, device, threads: options.threads }, "network opened");
    return new OnnxNetwork({ name, session, Tensor, width: model.inputWidth, height: model.inputHeight });
  };

  const networks = new OpenedNetworks(openOnce);
  return { name: "onnx", device, open: (name) => networks.open(name), close: () => networks.close() };
}

/** Throws `LINTEL_E_MODEL`. */
export async function loadRuntime(): Promise<Runtime> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new LintelError("LINTEL_E_MODEL", "ONNX Runtime cannot be loaded on this machine", {
      hint: "Install the packages at the locked versions: npm ci (Linux on x64 or arm64)",
      cause,
    });
  }
}

async function createSession(
  sessions: Runtime["InferenceSession"],
  onnx: Uint8Array,
  { name, device, options }: { name: NetworkName; device: OnnxDevice; options: InferenceSession.SessionOptions },
): Promise<InferenceSession> {
  try {
    return await sessions.create(onnx, options);
  } catch (cause) {
    if (device !== "cpu") {
      throw new LintelError("LINTEL_E_HARDWARE", `model ${name} cannot be opened on ${device}: ${errorText(cause)}`, {
        hint: "Set compute.device to auto or cpu; docs/jetson.md says what each device needs.",
        cause,
      });
    }
    throw new LintelError("LINTEL_E_MODEL", `model ${name} cannot be opened`, {
      hint: "Delete the folder with the compiled models and start again.",
      cause,
    });
  }
}

/** One network after the other, and no thread that burns a core while it waits: the board has other work. */
function sessionOptions(device: OnnxDevice, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: true,
    enableMemPattern: true,
    logSeverityLevel: 3,
    extra: {
      session: {
        intra_op: { allow_spinning: "0" },
        set_denormal_as_zero: "1",
        // Weights as large as they are, not rounded up by the arena: 8 MB less for four networks.
        use_device_allocator_for_initializers: "1",
      },
    },
  };
}

class OnnxNetwork implements Network {
  readonly inputLayout = "nchw";
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly #name: NetworkName;
  readonly #session: InferenceSession;
  readonly #Tensor: Runtime["Tensor"];
  readonly #shape: readonly number[];
  readonly #inputName: string;
  /** Wraps the caller's array without a copy; callers use the same one again and again. */
  #input: { array: Float32Array; tensor: Tensor } | undefined;

  constructor(parts: {
    name: NetworkName;
    session: InferenceSession;
    Tensor: Runtime["Tensor"];
    width: number;
    height: number;
  }) {
    this.#name = parts.name;
    this.#session = parts.session;
    this.#Tensor = parts.Tensor;
    this.inputWidth = parts.width;
    this.inputHeight = parts.height;
    this.#shape = [1, 3, parts.height, parts.width];
    this.#inputName = parts.session.inputNames[0] ?? "input";
  }

  async run(input: Float32Array): Promise<Readonly<Record<string, Float32Array>>> {
    const expected = 3 * this.inputWidth * this.inputHeight;
    if (input.length !== expected) {
      throw new LintelError("LINTEL_E_MODEL", `${this.#name} takes ${expected} numbers, not ${input.length}`);
    }
    if (this.#input?.array !== input) {
      this.#input = { array: input, tensor: new this.#Tensor("float32", input, this.#shape) };
    }
    const results = await this.#session.run({ [this.#inputName]: this.#input.tensor });
    const outputs: Record<string, Float32Array> = {};
    for (const name of this.#session.outputNames) {
      const data = results[name]?.data;
      if (!(data instanceof Float32Array)) throw new LintelError("LINTEL_E_MODEL", `${this.#name}: no output ${name}`);
      outputs[name] = data;
    }
    return outputs;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
