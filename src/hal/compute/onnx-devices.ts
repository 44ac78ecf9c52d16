import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LintelError } from "../../core/errors.ts";
import type { ComputeDriver, Presence } from "./driver.ts";
import { hasGpuNode } from "./gpus.ts";
import { createOnnxEngine, loadRuntime, type OnnxDevice } from "./onnx.ts";
import { vulkanPresence } from "./vulkan-presence.ts";

const manual = "docs/jetson.md says what each device needs; or set compute.device to auto.";

/** ONNX Runtime on the processor, through WebGPU (Vulkan), and on NVIDIA's own libraries. */
export const onnxDrivers: readonly ComputeDriver[] = [
  driver("cpu", async () => ({ isPresent: true })),
  driver("webgpu", lookForWebgpu),
  driver("cuda", () => lookForNvidia("cuda")),
  driver("tensorrt", () => lookForNvidia("tensorrt")),
];

// --- internal ---

function driver(device: OnnxDevice, look: () => Promise<Presence>): ComputeDriver {
  return {
    engine: "onnx",
    device,
    look,
    open: async (parts) => {
      // Read by NVIDIA's libraries when they are loaded: products of 32-bit floats, not of 19-bit ones.
      if (device === "cuda" || device === "tensorrt") process.env.NVIDIA_TF32_OVERRIDE = "0";
      return createOnnxEngine({ ...parts, device });
    },
  };
}

/** The package for arm64 comes without it. */
async function lookForWebgpu(): Promise<Presence> {
  const presence = await vulkanPresence();
  if (!presence.isPresent || (await isBuiltIn("webgpu"))) return presence;
  return absent("this build of ONNX Runtime does not know webgpu");
}

async function isBuiltIn(device: OnnxDevice): Promise<boolean> {
  const { listSupportedBackends } = await loadRuntime();
  return listSupportedBackends().some(({ name }) => name === device);
}

/** Not run by us on a machine that has one: the package brings the binding for x64 alone and none of NVIDIA's libraries. */
async function lookForNvidia(device: "cuda" | "tensorrt"): Promise<Presence> {
  if (!(await hasGpuNode("nvidia"))) return absent(`no NVIDIA device is there (/dev/nvidia0, /dev/nvgpu)`);
  if (!(await isBuiltIn(device))) return absent(`this build of ONNX Runtime does not know ${device}`);
  const library = `libonnxruntime_providers_${device}.so`;
  if (!existsSync(join(runtimeFolder(), library))) return absent(`ONNX Runtime lacks ${library}`);
  return { isPresent: true };
}

function absent(why: string): Presence {
  return { isPresent: false, problem: new LintelError("LINTEL_E_HARDWARE", why, { hint: manual }) };
}

/** Where onnxruntime-node keeps its libraries. */
function runtimeFolder(): string {
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  return join(root, "bin", "napi-v6", process.platform, process.arch);
}
