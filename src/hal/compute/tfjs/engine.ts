import type { Tensor } from "@tensorflow/tfjs-core";
import { LintelError } from "../../../core/errors.ts";
import type { Engine, Network, NetworkName } from "../../../pipeline/engine.ts";
import type { EngineParts } from "../driver.ts";
import { OpenedNetworks } from "../opened-networks.ts";
import { GraphRunner, type Library } from "./graph-runner.ts";
import { readOnnx } from "./onnx-file.ts";

export interface TfjsEngineOptions extends EngineParts {
  readonly tf: Library;
  /** As TensorFlow.js calls its backend; it is active, and the only one of the process. */
  readonly backend: string;
  readonly device: string;
  /** Called once when the engine is closed. */
  onClose?(): void;
}

/**
 * TensorFlow.js on the active backend, from the same compiled networks as ONNX Runtime. `open` throws `LINTEL_E_MODEL` and, for a network
 * with an operation that is not known here, `LINTEL_E_MODEL_UNSUPPORTED`.
 */
export function createTfjsEngine(options: TfjsEngineOptions): Engine {
  const { tf, backend, device, source, logger } = options;

  const openOnce = async (name: NetworkName): Promise<TfjsNetwork> => {
    const model = await source.load(name, "portable");
    requireBackend(tf, backend);
    const runner = new GraphRunner(tf, name, readOnnx(name, model.onnx));
    logger.debug({ model: name, device }, "network opened");
    return new TfjsNetwork({ tf, backend, name, runner, width: model.inputWidth, height: model.inputHeight });
  };

  const networks = new OpenedNetworks(openOnce);
  let isClosed = false;
  return {
    name: "tfjs",
    device,
    open: (name) => networks.open(name),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await networks.close();
      options.onClose?.();
    },
  };
}

// --- internal ---

/** TensorFlow.js has one active backend in a process; tensors of two would silently be moved to and fro. */
function requireBackend(tf: Library, backend: string): void {
  if (tf.getBackend() === backend) return;
  throw new LintelError("LINTEL_E_MODEL", `TensorFlow.js was switched from ${backend} to ${tf.getBackend()}`, {
    hint: "Use one TensorFlow.js device in a process.",
  });
}

class TfjsNetwork implements Network {
  readonly inputLayout = "nhwc";
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly #tf: Library;
  readonly #backend: string;
  readonly #name: NetworkName;
  readonly #runner: GraphRunner;

  constructor(parts: {
    tf: Library;
    backend: string;
    name: NetworkName;
    runner: GraphRunner;
    width: number;
    height: number;
  }) {
    this.#tf = parts.tf;
    this.#backend = parts.backend;
    this.#name = parts.name;
    this.#runner = parts.runner;
    this.inputWidth = parts.width;
    this.inputHeight = parts.height;
  }

  async run(input: Float32Array): Promise<Readonly<Record<string, Float32Array>>> {
    const expected = 3 * this.inputWidth * this.inputHeight;
    if (input.length !== expected) {
      throw new LintelError("LINTEL_E_MODEL", `${this.#name} takes ${expected} numbers, not ${input.length}`);
    }
    requireBackend(this.#tf, this.#backend);
    const picture = this.#tf.tensor4d(input, [1, this.inputHeight, this.inputWidth, 3]);
    try {
      return await read(this.#runner.run(picture));
    } finally {
      picture.dispose();
    }
  }

  release(): void {
    this.#runner.dispose();
  }
}

/** Fetches the values and disposes of the tensors. */
async function read(tensors: ReadonlyMap<string, Tensor>): Promise<Record<string, Float32Array>> {
  try {
    const outputs: Record<string, Float32Array> = {};
    for (const [name, tensor] of tensors) outputs[name] = Float32Array.from(await tensor.data<"float32">());
    return outputs;
  } finally {
    for (const tensor of tensors.values()) tensor.dispose();
  }
}
