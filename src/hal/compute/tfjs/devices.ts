import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { errorText, LintelError } from "../../../core/errors.ts";
import type { Engine } from "../../../pipeline/engine.ts";
import type { ComputeDriver, EngineParts, Presence } from "../driver.ts";
import { vulkanPresence } from "../vulkan-presence.ts";
import { createTfjsEngine } from "./engine.ts";
import type { Library } from "./graph-runner.ts";

/** The package for NVIDIA's libraries; tests give one of their own. */
export interface NodeGpuPackage {
  isInstalled(): boolean;
  load(): Promise<Library>;
}

const nodeGpuPackage = "@tensorflow/tfjs-node-gpu";
const webgpuPackage = "@tensorflow/tfjs-backend-webgpu";
const here = createRequire(import.meta.url);

/** The package as npm installed it; loading it makes it the active backend of the process. */
export const installedNodeGpu: NodeGpuPackage = {
  isInstalled: () => isInstalled(nodeGpuPackage),
  load: () => {
    // Read by NVIDIA's libraries when they are loaded: products of 32-bit floats, not of 19-bit ones.
    process.env.NVIDIA_TF32_OVERRIDE = "0";
    return import("@tensorflow/tfjs-node-gpu");
  },
};

/** TensorFlow.js on NVIDIA's libraries (libtensorflow), through WebGPU (Dawn, Vulkan), and on the processor by WebAssembly. */
export const tfjsDrivers: readonly ComputeDriver[] = [
  nodeGpuDriver(),
  { engine: "tfjs", device: "webgpu", look: lookForWebgpu, open: openWebgpu },
  { engine: "tfjs", device: "wasm", look: async () => ({ isPresent: true }), open: openWasm },
];

/** Not run by us: no machine of ours has its libraries. */
export function nodeGpuDriver(nodeGpu: NodeGpuPackage = installedNodeGpu): ComputeDriver {
  return {
    engine: "tfjs",
    device: "node-gpu",
    look: async () =>
      nodeGpu.isInstalled() ? { isPresent: true } : { isPresent: false, problem: notInstalled(nodeGpuPackage) },
    open: async (parts) => {
      const tf = await loadPackage(nodeGpuPackage, () => nodeGpu.load());
      const backend: { isUsingGpuDevice?: unknown } = Object(tf.backend());
      if (tf.getBackend() === "tensorflow" && backend.isUsingGpuDevice === true) {
        return createTfjsEngine({ ...parts, tf, backend: "tensorflow", device: "node-gpu" });
      }
      throw new LintelError("LINTEL_E_HARDWARE", `${nodeGpuPackage} is installed and finds no graphics processor`, {
        hint: "Its libtensorflow needs CUDA and cuDNN of the versions it was built for (docs/jetson.md); or set compute.device to auto.",
      });
    },
  };
}

// --- internal ---

async function lookForWebgpu(): Promise<Presence> {
  const presence = await vulkanPresence();
  const missing = ["webgpu", webgpuPackage].find((name) => !isInstalled(name));
  return presence.isPresent && missing !== undefined ? { isPresent: false, problem: notInstalled(missing) } : presence;
}

/** Makes Dawn the browser that the backend looks for: it reads `navigator.gpu` when it is loaded and when it starts. */
async function openWebgpu(parts: EngineParts): Promise<Engine> {
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
  await loadPackage(webgpuPackage, () => import("@tensorflow/tfjs-backend-webgpu"));
  // The one that the backend has entered itself in: packages that an operator adds may bring their own.
  const tf: Library = createRequire(here.resolve(webgpuPackage))("@tensorflow/tfjs-core");
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

async function openWasm(parts: EngineParts): Promise<Engine> {
  const tf = await import("@tensorflow/tfjs-core");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const entry = here.resolve("@tensorflow/tfjs-backend-wasm");
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
    here.resolve(name);
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
    throw new LintelError("LINTEL_E_HARDWARE", `${name} is installed and does not start: ${errorText(cause)}`, {
      hint: "docs/jetson.md says what it needs; or set compute.device to auto.",
      cause,
    });
  }
}

function notInstalled(name: string): LintelError {
  return new LintelError("LINTEL_E_CONFIG", `${name} is not installed`, {
    hint: `Install it where Lintel finds it (docs/jetson.md: npm install --prefix /opt ${name}), or set compute.device to auto.`,
  });
}
