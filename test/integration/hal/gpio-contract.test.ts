import { join } from "node:path";
import { systemClock } from "../../../src/core/clock.ts";
import { systemTimers } from "../../../src/core/timers.ts";
import { cdevGpioConfig, openCdevGpio } from "../../../src/hal/gpio/cdev.ts";
import { observeChip } from "../../../src/hal/gpio/simulated-observer.ts";
import { gpioConfig, openGpio } from "../../../src/hal/gpio/table.ts";
import { serveGpioChip } from "../../../src/simulation/gpio-chip-server.ts";
import { ByteKernel } from "../../support/byte-kernel.ts";
import { describeGpioDriver } from "../../support/gpio-contract.ts";
import { temporaryFolder } from "../../support/processes.ts";

describeGpioDriver("simulated, on the simulated chip", async () => {
  const folder = temporaryFolder();
  const socketPath = join(folder.path, "chip.sock");
  const server = await serveGpioChip({ socketPath, lines: 8, clock: systemClock });
  const observer = await observeChip(socketPath);
  return {
    open: (events, { activeLow }) => {
      const config = gpioConfig.parse({
        driver: "simulated",
        socketPath,
        outputs: { strike: { line: 0, activeLow }, alarm: { line: 4 } },
        inputs: { contact: { line: 1, activeLow } },
      });
      return openGpio(config, events, { timers: systemTimers });
    },
    strikeLevel: async () => (await observer.record()).filter(({ line }) => line === 0).at(-1)?.level ?? 0,
    driveContact: (level) => observer.drive(1, level),
    stop: async () => {
      await observer.close();
      await server.stop();
      folder.remove();
    },
  };
});

describeGpioDriver("cdev, on the bytes of the kernel", async () => {
  const folder = temporaryFolder();
  const kernel = new ByteKernel(folder.path);
  kernel.addChip("gpiochip0", "door-chip", ["relay", "siren", "reed"]);
  const linux = await kernel.linux();
  return {
    open: (events, { activeLow }) => {
      const config = cdevGpioConfig.parse({
        driver: "cdev",
        outputs: { strike: { line: "relay", activeLow }, alarm: { line: "siren" } },
        inputs: { contact: { line: "reed", activeLow, debounceMs: 0 } },
      });
      return openCdevGpio(config, events, { linux, deviceFolder: folder.path });
    },
    strikeLevel: async () => kernel.line("relay").level,
    driveContact: async (level) => kernel.drive("reed", level),
    stop: async () => {
      kernel.stop();
      folder.remove();
    },
  };
});
