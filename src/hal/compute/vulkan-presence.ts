import { LintelError } from "../../core/errors.ts";
import type { Presence } from "./driver.ts";
import { hasGpuNode, type VulkanDevice, vulkanDevices } from "./gpus.ts";

/** How the machine is asked; tests give machines of their own. */
export interface VulkanSight {
  hasGpuNode(): Promise<boolean>;
  vulkanDevices(): Promise<readonly VulkanDevice[]>;
  /** A driver is named by hand (`VK_ICD_FILENAMES`, `VK_DRIVER_FILES`): then there may be a device without a node. */
  readonly isDriverNamed: boolean;
}

/** Whether something computes by Vulkan here, and whether it is more than software. */
export async function vulkanPresence(sight: VulkanSight = thisMachine()): Promise<Presence> {
  if (!sight.isDriverNamed && !(await sight.hasGpuNode())) {
    return absent("no graphics processor is there (/dev/dri/renderD128, /dev/nvidia0, /dev/nvgpu)");
  }
  const [best] = await sight.vulkanDevices();
  if (!best) return absent("Vulkan knows no device here");
  return { isPresent: true, adapter: best.name, isSoftware: best.type === "cpu" };
}

// --- internal ---

function thisMachine(): VulkanSight {
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES } = process.env;
  return {
    hasGpuNode: () => hasGpuNode("any"),
    vulkanDevices,
    isDriverNamed: (VK_ICD_FILENAMES ?? VK_DRIVER_FILES) !== undefined,
  };
}

function absent(why: string): Presence {
  const hint =
    "Install the Vulkan driver of the graphics processor, let this user open its device (groups video and render), or set compute.device to auto; docs/jetson.md.";
  return { isPresent: false, problem: new LintelError("LINTEL_E_HARDWARE", why, { hint }) };
}
