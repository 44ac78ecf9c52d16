import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { LintelError } from "../../core/errors.ts";
import { registerGradients } from "./gradients.ts";

export type TrainingBackend = "wasm" | "cpu";

/**
 * TensorFlow.js, ready to differentiate: WebAssembly for work, plain JavaScript (`cpu`) to check it by. One backend at a time in a process.
 * Throws `LINTEL_E_MODEL_UNSUPPORTED` when it does not start here.
 */
export async function openTensorflow(backend: TrainingBackend = "wasm"): Promise<void> {
  if (backend === "wasm") {
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(`${dirname(entry)}${sep}`);
  }
  registerGradients();
  if (await tf.setBackend(backend)) return;
  throw new LintelError("LINTEL_E_MODEL_UNSUPPORTED", `the TensorFlow.js backend ${backend} does not start here`, {
    hint: "Install the packages again: npm ci.",
  });
}
