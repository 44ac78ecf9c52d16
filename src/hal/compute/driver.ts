import type { LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Engine, NetworkName } from "../../pipeline/engine.ts";

/**
 * Where an engine gets its networks: ONNX with one input of shape [1, 3, height, width]; shaped for this processor, or of plain operations
 * for any other device, which compute the same; or in eight bits, which is nearly the same and faster on some processors.
 */
export interface ModelSource {
  load(
    name: NetworkName,
    purpose: "processor" | "portable" | "eight-bit",
  ): Promise<{ onnx: Uint8Array; inputWidth: number; inputHeight: number }>;
}

export interface EngineParts {
  readonly source: ModelSource;
  /** Threads for one inference on the processor, at least 1. */
  readonly threads: number;
  readonly logger: Logger;
}

/** Whether a device can be used here. */
export type Presence =
  | {
      readonly isPresent: true;
      /** What the device calls itself, where it has a name. */
      readonly adapter?: string;
      /** Pretends to be a graphics processor and computes on the processor: right, and far too slow. */
      readonly isSoftware?: boolean;
    }
  /** `problem` says what is missing and what to do: `LINTEL_E_CONFIG` for a package, `LINTEL_E_HARDWARE` for a device. */
  | { readonly isPresent: false; readonly problem: LintelError };

/**
 * One engine on one device. To add one: write it beside these, add it to `computeDrivers` and to the lists of `drivers.ts`, and it
 * runs in the shared contract (`test/support/compute-contract.ts`).
 *
 * 1. `look` loads as little as it can: on a board without the device it must cost nothing, and a driver that ends the process must not
 *    do so there, where nobody remembers it (`trial-notes.ts`);
 * 2. native packages are imported inside `open`, never at the top of the file; what is installed and does not work rejects there;
 * 3. numbers are 32-bit floats throughout: no TF32, no float16;
 * 4. nobody trusts it: every network is tested against stored outputs before it is used (`self-test/`).
 */
export interface ComputeDriver {
  readonly engine: "onnx" | "tfjs";
  readonly device: string;
  look(): Promise<Presence>;
  /** An engine whose networks are neither tested nor warm. Rejects with a `LintelError`. */
  open(parts: EngineParts): Promise<Engine>;
}
