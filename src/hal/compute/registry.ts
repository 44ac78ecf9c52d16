import { LintelError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Engine } from "../../pipeline/engine.ts";
import { createOnnxEngine, type ModelSource } from "./onnx.ts";

export interface OpenEngineOptions {
  /** As `compute.engine` in the configuration. */
  readonly engine: "auto" | "tfjs" | "onnx";
  /** As `compute.device` in the configuration. */
  readonly device: string;
  /** Threads for one inference, at least 1. */
  readonly threads: number;
  readonly source: ModelSource;
  readonly logger: Logger;
}

/** Picks the engine. Throws `LINTEL_E_CONFIG` for one, or for a device, that this version does not have. */
export async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  if (options.engine === "tfjs") {
    throw new LintelError("LINTEL_E_CONFIG", "compute.engine: tfjs is not available in this version", {
      hint: "Set compute.engine to onnx or auto.",
    });
  }
  if (options.device !== "auto" && options.device !== "cpu") {
    throw new LintelError("LINTEL_E_CONFIG", `compute.device: ${options.device} is not available in this version`, {
      hint: "Set compute.device to cpu or auto.",
    });
  }
  return createOnnxEngine(options);
}
