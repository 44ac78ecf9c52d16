import { existsSync } from "node:fs";
import { hasGpuNode } from "../../src/hal/compute/gpus.ts";

/** SwiftShader as Debian's chromium brings it: slow, and right. */
const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * Lets Vulkan find a software device where the machine has no real one. Read by the Vulkan library when it is loaded, so this comes first in
 * a test file, which has a process of its own.
 */
export async function useSoftwareVulkan(): Promise<void> {
  if ((await hasGpuNode("any")) || process.env.VK_ICD_FILENAMES !== undefined) return;
  if (existsSync(driver)) process.env.VK_ICD_FILENAMES = driver;
}
