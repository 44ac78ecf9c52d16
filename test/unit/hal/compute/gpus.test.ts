import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasGpuNode } from "../../../../src/hal/compute/gpus.ts";
import { vulkanPresence } from "../../../../src/hal/compute/vulkan-presence.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-dev-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("hasGpuNode", () => {
  it.each([
    ["nothing at all", [], false, false],
    ["a Mesa driver", ["dri/renderD128"], true, false],
    ["a display without a processor for it", ["dri/card0", "fb0"], false, false],
    ["an NVIDIA card", ["nvidia0", "nvidiactl"], true, true],
    ["NVIDIA's control node without a card", ["nvidiactl", "nvidia-uvm"], false, false],
    ["a Jetson", ["nvhost-gpu", "nvmap"], true, true],
    ["a Jetson with a newer kernel", ["nvgpu/igpu0/ctrl"], true, true],
  ])("with %s", async (_, nodes, any, nvidia) => {
    for (const node of nodes) {
      await mkdir(dirname(join(directory, node)), { recursive: true });
      await writeFile(join(directory, node), "");
    }
    expect(await hasGpuNode("any", directory)).toBe(any);
    expect(await hasGpuNode("nvidia", directory)).toBe(nvidia);
  });
});

describe("vulkanPresence", () => {
  const real = { name: "Orin", type: "integrated" } as const;
  const pretended = { name: "llvmpipe", type: "cpu" } as const;
  const sight = (hasNode: boolean, devices: readonly (typeof real | typeof pretended)[], isDriverNamed = false) => ({
    hasGpuNode: async () => hasNode,
    vulkanDevices: async () => devices,
    isDriverNamed,
  });

  it("a real device is present by its name", async () => {
    expect(await vulkanPresence(sight(true, [real, pretended]))).toEqual({
      isPresent: true,
      adapter: "Orin",
      isSoftware: false,
    });
  });

  it("software is said to be software, also where the kernel has a device that Vulkan cannot use", async () => {
    expect(await vulkanPresence(sight(true, [pretended]))).toMatchObject({ isPresent: true, isSoftware: true });
  });

  it.each([
    ["no device node: Vulkan is not even asked", sight(false, [real]), "no graphics processor is there"],
    ["a node and no driver", sight(true, []), "Vulkan knows no device here"],
    ["a driver named by hand that does not load", sight(false, [], true), "Vulkan knows no device here"],
  ])("%s", async (_, given, message) => {
    const presence = await vulkanPresence(given);
    expect(presence).toMatchObject({ isPresent: false, problem: { code: "LINTEL_E_HARDWARE" } });
    expect(presence.isPresent ? "" : presence.problem.message).toContain(message);
  });

  it("a driver named by hand is asked although there is no node", async () => {
    expect(await vulkanPresence(sight(false, [pretended], true))).toMatchObject({ adapter: "llvmpipe" });
  });
});
