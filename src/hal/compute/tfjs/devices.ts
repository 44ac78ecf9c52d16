import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { errorText, LintelError } from "../../../core/errors.ts";
import type { ComputeDriver, EngineParts, Presence } from "../driver.ts";
import { vulkanPresence } from "../vulkan-presence.ts";
import { createTfjsEngine } from "./engine.ts";
import type { Library } from "./graph-runner.ts";

/** TensorFlow.js on NVIDIA's libraries (libtensorflow), through WebGPU (Dawn, Vulkan), and on the processor by WebAssembly. */
export const tfjsDrivers: readonly ComputeDriver[] = [
  nodeGpuDriver(),
  { engine: "tfjs", device: "webgpu", look: lookForWebgpu, open: openWebgpu },
  { engine: "tfjs", device: "wasm", look: async () => ({ isPresent: true }), open: openWasm },
];

/** How the package for NVIDIA is loaded; tests give one of their own. */
export type LoadNodeGpu = () => Promise<Library>;

/** Not run by us: no machine of ours has its libraries. */
export function nodeGpuDriver(load: LoadNodeGpu = importNodeGpu): ComputeDriver {
  return {
    engine: "tfjs",
    device: "node-gpu",
    look: async () => {
      try {
        await openNodeGpu(load);
        return { isPresent: true };
      } catch (error) {
        if (!(error instanceof LintelError)) throw error;
        return { isPresent: false, problem: error, isBroken: error.code !== "LINTEL_E_CONFIG" };
      }
    },
    open: async (parts) =>
      createTfjsEngine({ ...parts, tf: await openNodeGpu(load), backend: "tensorflow", device: "node-gpu" }),
  };
}

// --- internal ---

const nodeGpuPackage = "@tensorflow/tfjs-node-gpu";

async function importNodeGpu(): Promise<Library> {
  if (!isInstalled(nodeGpuPackage)) throw notInstalled(nodeGpuPackage);
  // Read by NVIDIA's libraries when they are loaded: products of 32-bit floats, not of 19-bit ones.
  process.env.NVIDIA_TF32_OVERRIDE = "0";
  return import("@tensorflow/tfjs-node-gpu");
}

async function openNodeGpu(load: LoadNodeGpu): Promise<Library> {
  const tf = await loadPackage(nodeGpuPackage, load);
  const backend: { isUsingGpuDevice?: unknown } = Object(tf.backend());
  if (tf.getBackend() === "tensorflow" && backend.isUsingGpuDevice === true) return tf;
  throw new LintelError("LINTEL_E_HARDWARE", `${nodeGpuPackage} is installed and finds no graphics processor`, {
    hint: "Its libtensorflow needs CUDA and cuDNN of the versions it was built for (docs/jetson.md); or set compute.device to auto.",
  });
}

async function lookForWebgpu(): Promise<Presence> {
  const missing = ["webgpu", "@tensorflow/tfjs-backend-webgpu"].find((name) => !isInstalled(name));
  return missing === undefined ? vulkanPresence() : { isPresent: false, problem: notInstalled(missing) };
}

/** Makes Dawn the browser that the backend looks for: it reads `navigator.gpu` when it is loaded and when it starts. */
async function openWebgpu(parts: EngineParts): Promise<ReturnType<typeof createTfjsEngine>> {
  const { create, globals } = await loadPackage("webgpu", () => import("webgpu"));
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw new LintelError("LINTEL_E_HARDWARE", "WebGPU finds no device that it can use", {
      hint: "Install the Vulkan driver of the graphics processor, or set compute.device to auto; docs/jetson.md.",
    });
  }
  Object.assign(globalThis, globals);
  // Newer Node has a navigator of its own, without a gpu.
  const navigator: object = Reflect.get(globalThis, "navigator") ?? {};
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  const tf = await import("@tensorflow/tfjs-core");
  await loadPackage("@tensorflow/tfjs-backend-webgpu", () => import("@tensorflow/tfjs-backend-webgpu"));
  await activate(tf, "webgpu");
  return createTfjsEngine({
    ...parts,
    tf,
    backend: "webgpu",
    device: "webgpu",
    // Dawn keeps the process alive for as long as somebody holds it.
    onClose: () => Reflect.deleteProperty(navigator, "gpu"),
  });
}

async function openWasm(parts: EngineParts): Promise<ReturnType<typeof createTfjsEngine>> {
  const tf = await import("@tensorflow/tfjs-core");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(entry)}${sep}`);
  await activate(tf, "wasm");
  return createTfjsEngine({ ...parts, tf, backend: "wasm", device: "wasm" });
}

async function activate(tf: Library, backend: string): Promise<void> {
  if (await tf.setBackend(backend)) return;
  throw new LintelError("LINTEL_E_HARDWARE", `the TensorFlow.js backend ${backend} does not start here`, {
    hint: "Set compute.device to auto; lintel doctor says what each device lacks.",
  });
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** A package that is not there is a matter of the configuration that names it; one that does not start, of this machine. */
async function loadPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw new LintelError("LINTEL_E_HARDWARE", `${name} is installed and does not start: ${errorText(cause)}`, {
      hint: "docs/jetson.md says what it needs; or set compute.device to auto.",
      cause,
    });
  }
}

function notInstalled(name: string): LintelError {
  return new LintelError("LINTEL_E_CONFIG", `${name} is not installed`, {
    hint: `Install it beside Lintel (npm install --no-save ${name}, see docs/jetson.md), or set compute.device to auto.`,
  });
}
