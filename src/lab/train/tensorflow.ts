import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { errorText, LintelError } from "../../core/errors.ts";
import { installedNodeGpu, type NodeGpuPackage } from "../../hal/compute/tfjs/devices.ts";
import { registerGradients } from "./gradients.ts";

/** What a training runs on: WebAssembly, plain JavaScript to check it by, NVIDIA's libraries through an optional package. */
export const trainingDevices = ["wasm", "cpu", "node-gpu"] as const;
export type TrainingDevice = (typeof trainingDevices)[number];

/**
 * TensorFlow.js, ready to differentiate. One device at a time in a process. Throws `LINTEL_E_HARDWARE` when node-gpu lacks its package or a
 * graphics processor, `LINTEL_E_MODEL_UNSUPPORTED` when another does not start here.
 */
export async function openTensorflow(
  device: TrainingDevice = "wasm",
  nodeGpu: NodeGpuPackage = installedNodeGpu,
): Promise<void> {
  if (device === "node-gpu") await openNodeGpu(nodeGpu);
  else await openOwn(device);
  // Afterwards: node-gpu brings gradients of its own.
  registerGradients();
}

/** node-gpu where it can be had, otherwise WebAssembly; `problem` says why an installed node-gpu is not used. */
export async function openBestTensorflow(
  nodeGpu: NodeGpuPackage = installedNodeGpu,
): Promise<{ device: TrainingDevice; problem: string | null }> {
  let problem: string | null = null;
  if (nodeGpu.isInstalled()) {
    try {
      await openTensorflow("node-gpu", nodeGpu);
      return { device: "node-gpu", problem };
    } catch (error) {
      problem = errorText(error);
    }
  }
  await openTensorflow("wasm");
  return { device: "wasm", problem };
}

// --- internal ---

async function openOwn(device: "wasm" | "cpu"): Promise<void> {
  if (device === "wasm") {
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(`${dirname(entry)}${sep}`);
  }
  if (await tf.setBackend(device)) return;
  throw new LintelError("LINTEL_E_MODEL_UNSUPPORTED", `the TensorFlow.js backend ${device} does not start here`, {
    hint: "Install the packages again: npm ci.",
  });
}

/** The package enters its backend where every copy of TensorFlow.js in the process finds it. */
async function openNodeGpu(nodeGpu: NodeGpuPackage): Promise<void> {
  const name = "@tensorflow/tfjs-node-gpu";
  if (!nodeGpu.isInstalled()) {
    throw missing(`${name} is not installed`, `Install it beside Lintel (docs/jetson.md): npm install ${name}.`);
  }
  try {
    await nodeGpu.load();
  } catch (cause) {
    throw missing(`${name} is installed and does not start: ${errorText(cause)}`, needsCuda, cause);
  }
  const backend: { isUsingGpuDevice?: unknown } = (await tf.setBackend("tensorflow")) ? Object(tf.backend()) : {};
  if (backend.isUsingGpuDevice === true) return;
  throw missing(`${name} is installed and finds no graphics processor`, needsCuda);
}

const needsCuda = "Its libtensorflow needs CUDA and cuDNN of the versions it was built for (docs/jetson.md).";

function missing(message: string, hint: string, cause?: unknown): LintelError {
  return new LintelError("LINTEL_E_HARDWARE", message, { hint: `${hint} Or train without --device node-gpu.`, cause });
}
