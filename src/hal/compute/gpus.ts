import { readdir } from "node:fs/promises";
import { errorText, LintelError } from "../../core/errors.ts";

/** A device that Vulkan knows. */
export interface VulkanDevice {
  readonly name: string;
  /** `cpu`: software that pretends to be a graphics processor (SwiftShader, lavapipe). */
  readonly type: "discrete" | "integrated" | "virtual" | "cpu" | "other";
}

/** Device nodes that a kernel driver of a graphics processor makes: Mesa's, NVIDIA's, a Jetson's. */
const nodes = {
  any: [/^dri\/renderD\d+$/, /^nvidia\d+$/, /^nvhost-gpu$/, /^nvmap$/, /^nvgpu$/],
  nvidia: [/^nvidia\d+$/, /^nvhost-gpu$/, /^nvmap$/, /^nvgpu$/],
} as const;

/** Whether the kernel has made a device node of a graphics processor; without one there is nothing to ask a library about. */
export async function hasGpuNode(maker: keyof typeof nodes, directory = "/dev"): Promise<boolean> {
  const names = [...(await namesIn(directory)), ...(await namesIn(`${directory}/dri`)).map((name) => `dri/${name}`)];
  return names.some((name) => nodes[maker].some((pattern) => pattern.test(name)));
}

/**
 * The devices of the system's Vulkan library, real ones first; none where there is no library, no driver or no permission. Rejects with
 * `LINTEL_E_HARDWARE` when the library cannot be called.
 */
export async function vulkanDevices(): Promise<VulkanDevice[]> {
  const vulkan = await loadVulkan();
  if (!vulkan) return [];
  const devices = readDevices(vulkan);
  return devices.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
}

// --- internal ---

const order: readonly VulkanDevice["type"][] = ["discrete", "integrated", "virtual", "other", "cpu"];

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}

/** The four functions that are needed; handles are pointers, 64 bits on both architectures. */
interface Vulkan {
  createInstance(info: Buffer, allocator: null, instance: Buffer): number;
  enumerate(instance: bigint, count: Buffer, devices: Buffer | null): number;
  properties(device: bigint, properties: Buffer): void;
  destroyInstance(instance: bigint, allocator: null): void;
}

async function loadVulkan(): Promise<Vulkan | undefined> {
  const { default: koffi } = await import("koffi");
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load("libvulkan.so.1");
  } catch {
    return undefined;
  }
  try {
    return {
      createInstance: library.func(
        "int vkCreateInstance(_In_ uint8_t *info, void *allocator, _Out_ uint8_t *instance)",
      ),
      enumerate: library.func(
        "int vkEnumeratePhysicalDevices(uint64_t instance, _Inout_ uint8_t *count, _Out_ uint8_t *devices)",
      ),
      properties: library.func("void vkGetPhysicalDeviceProperties(uint64_t device, _Out_ uint8_t *properties)"),
      destroyInstance: library.func("void vkDestroyInstance(uint64_t instance, void *allocator)"),
    };
  } catch (cause) {
    throw new LintelError("LINTEL_E_HARDWARE", `the Vulkan library cannot be used: ${errorText(cause)}`, { cause });
  }
}

/** Layouts as in vulkan_core.h (Vulkan 1.0, 64 bits). */
const instanceInfoBytes = 64;
const structureTypeInstance = 1;
const maxDevices = 16;
/** VkPhysicalDeviceProperties is 824 bytes long. */
const propertiesBytes = 1024;
const typeOffset = 16;
const nameOffset = 20;
const nameBytes = 256;
const types: readonly VulkanDevice["type"][] = ["other", "integrated", "discrete", "virtual", "cpu"];

function readDevices(vulkan: Vulkan): VulkanDevice[] {
  const info = Buffer.alloc(instanceInfoBytes);
  info.writeUInt32LE(structureTypeInstance, 0);
  const handle = Buffer.alloc(8);
  // A driver that is there without a device says so by an error.
  if (vulkan.createInstance(info, null, handle) !== 0) return [];
  const instance = handle.readBigUInt64LE();
  try {
    const count = Buffer.alloc(4);
    count.writeUInt32LE(maxDevices);
    const devices = Buffer.alloc(8 * maxDevices);
    if (vulkan.enumerate(instance, count, devices) < 0) return [];
    return Array.from({ length: count.readUInt32LE() }, (_, n) => describe(vulkan, devices.readBigUInt64LE(8 * n)));
  } finally {
    vulkan.destroyInstance(instance, null);
  }
}

function describe(vulkan: Vulkan, device: bigint): VulkanDevice {
  const properties = Buffer.alloc(propertiesBytes);
  vulkan.properties(device, properties);
  const name = properties.subarray(nameOffset, nameOffset + nameBytes);
  return {
    name: name.toString("utf8", 0, name.indexOf(0)),
    type: types[properties.readUInt32LE(typeOffset)] ?? "other",
  };
}
