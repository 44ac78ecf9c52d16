import { join } from "node:path";
import { type ChipObserver, observeChip } from "../../src/hal/gpio/simulated-observer.ts";
import { type GpioConfig, gpioConfig } from "../../src/hal/gpio/table.ts";
import { type Spoken, speak, temporaryFolder } from "./processes.ts";

/** A simulated chip in its own process with somebody who watches it. */
export interface ChipRig {
  readonly chip: Spoken;
  readonly observer: ChipObserver;
  /** Strike on line 0, contact 1, request to exit 2, tamper 3, alarm 4, green light 5, red light 6, buzzer 7. */
  readonly gpio: GpioConfig;
  stop(): Promise<void>;
}

export async function startChip(): Promise<ChipRig> {
  const folder = temporaryFolder();
  const socketPath = join(folder.path, "chip.sock");
  const chip = speak("dist/simulation/gpio-chip-main.js", { socketPath });
  await chip.heard(({ type }) => type === "ready");
  const observer = await observeChip(socketPath);
  const line = (offset: number) => ({ line: offset, activeLow: false });
  return {
    chip,
    observer,
    gpio: gpioConfig.parse({
      driver: "simulated",
      socketPath,
      outputs: { strike: line(0), alarm: line(4), greenLight: line(5), redLight: line(6), buzzer: line(7) },
      inputs: { contact: line(1), requestToExit: line(2), tamper: line(3) },
    }),
    stop: async () => {
      await observer.close();
      chip.process.stdin.end();
      await chip.ended;
      folder.remove();
    },
  };
}
