import { z } from "zod";
import type { Timers } from "../../core/timers.ts";
import { type GpioEvents, type GpioLines, type InputLine, type SignalLine, signalLines } from "../api.ts";
import { cdevGpioConfig, openCdevGpio } from "./cdev.ts";
import { configuredLines } from "./lines-config.ts";
import { onoffGpioConfig, openOnoffGpio } from "./onoff.ts";
import { openSimulatedGpio, simulatedGpioConfig } from "./simulated.ts";

/**
 * The GPIO drivers: `cdev` for real lines, `onoff` for real lines on old kernels, `simulated` for demo and tests. To add one:
 *
 * 1. write `<driver>.ts` beside this file with a strict schema `{ driver: "<name>", ..., ...lineMaps(lineConfig) }`
 *    and a function `open(config, events, deps): Promise<GpioLines>`;
 * 2. import a native package inside that function (`await import(...)`), never at the top of the file: whoever has not
 *    chosen the driver must not need it;
 * 3. request every output **inactive in the same call that takes the line** (a relay must not click at the start), with
 *    the polarity given to the kernel, so that an active-low relay board does not fire;
 * 4. keep the order: two calls of `setOutput` take effect in the order they were made, without waiting for each other;
 * 5. report edges with the kernel's monotonic stamp, re-read the level after a burst, and say `onLost` once when the
 *    chip is gone or does not answer; after that every call rejects;
 * 6. say in the comment what happens to the line when the owner is killed (the character device gives it back; sysfs
 *    keeps the last value, so that somebody else has to drive it safe);
 * 7. let the kernel debounce where it can (character device: `debounceMs` of each input) and name those inputs in
 *    `debouncedInputs`; the relay guard debounces the others;
 * 8. add both to the tables below, and a run of the shared contract (`test/support/gpio-contract.ts`).
 */
export const gpioConfig = z.discriminatedUnion("driver", [cdevGpioConfig, onoffGpioConfig, simulatedGpioConfig]);
export type GpioConfig = z.infer<typeof gpioConfig>;

export interface GpioDeps {
  readonly timers: Timers;
}

/** Takes the lines of the door. Every output is inactive when it resolves; rejects with `LINTEL_E_GPIO`. */
export function openGpio(config: GpioConfig, events: GpioEvents, deps: GpioDeps): Promise<GpioLines> {
  switch (config.driver) {
    case "cdev":
      return openCdevGpio(config, events);
    case "onoff":
      return openOnoffGpio(config, events);
    case "simulated":
      return openSimulatedGpio(config, events, deps);
  }
}

/**
 * Whether an output may keep its level when its owner is killed. Sysfs always does; the character device is given back,
 * but many chips leave the pin as it was. The simulated chip falls back to the safe level.
 */
export function mayKeepLevel(config: GpioConfig): boolean {
  return config.driver !== "simulated";
}

/** The inputs that are wired, by the configuration. */
export function wiredInputs(config: GpioConfig): readonly InputLine[] {
  return configuredLines<unknown>(config).inputs.map(([name]) => name);
}

/** The lights and sounders that are wired, by the configuration. */
export function wiredSignals(config: GpioConfig): readonly SignalLine[] {
  return signalLines.filter((name) => config.outputs[name] !== undefined);
}

/** How long each wired input must rest before a change of it counts, in ms. */
export function debounceTimes(config: GpioConfig): ReadonlyMap<InputLine, number> {
  return new Map(configuredLines<unknown>(config).inputs.map(([name, { debounceMs }]) => [name, debounceMs]));
}
