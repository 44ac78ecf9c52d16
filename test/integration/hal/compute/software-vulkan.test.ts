import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { hasGpuNode, vulkanDevices } from "../../../../src/hal/compute/gpus.ts";
import { openEngine } from "../../../../src/hal/compute/registry.ts";
import { whyAbsent } from "../../../support/compute-contract.ts";
import { useSoftwareVulkan } from "../../../support/software-vulkan.ts";

await useSoftwareVulkan();
const unfit = (await hasGpuNode("any")) ? "there is a real device" : await whyAbsent("onnx", "webgpu");
const source = { load: () => Promise.reject(new Error("no network is wanted here")) };

describe.skipIf(unfit !== undefined)(
  `a software Vulkan${unfit === undefined ? "" : ` (not run here: ${unfit})`}`,
  () => {
    it("is told from a real device by what Vulkan says of it", async () => {
      const devices = await vulkanDevices();
      expect(devices.length).toBeGreaterThan(0);
      for (const device of devices) expect(device.type).toBe("cpu");
      expect(devices[0]?.name).toMatch(/swiftshader|llvmpipe/i);
    });

    it("is never taken by auto", async () => {
      const engine = await openEngine({ engine: "onnx", device: "auto", threads: 1, source, logger: silentLogger });
      expect(engine.device).toBe("cpu");
      await engine.close();
    });
  },
);
