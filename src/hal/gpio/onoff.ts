import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Gpio } from "onoff";
import { z } from "zod";
import { type Clock, systemClock } from "../../core/clock.ts";
import { LintelError } from "../../core/errors.ts";
import type { GpioEvents, GpioLines, InputLine, OutputLine } from "../api.ts";
import { kernelProblem } from "./kernel-problem.ts";
import { configuredLines, lineMaps } from "./lines-config.ts";
import { usableLine } from "./usable-line.ts";

const lineConfig = z.strictObject({
  line: z.int().min(0).max(65535).describe("Offset of the line on the chip."),
  activeLow: z.boolean().default(false).describe("True when the low level is the active one, as on most relay boards."),
});

/** Configuration of the lines through /sys/class/gpio. */
export const onoffGpioConfig = z.strictObject({
  driver: z
    .literal("onoff")
    .describe("Lines through /sys/class/gpio, for kernels before 5.10: weaker than cdev; needs epoll compiled."),
  chip: z.string().min(1).max(100).describe("Label of the chip, as in /sys/class/gpio/gpiochip*/label."),
  ...lineMaps(lineConfig, lineConfig),
});
export type OnoffGpioConfig = z.infer<typeof onoffGpioConfig>;

export interface OnoffDeps {
  readonly clock?: Clock;
  /** Default `/sys/class/gpio`. */
  readonly classFolder?: string;
}

/**
 * Takes the configured lines by way of the package onoff. **The weaker driver**: the lines are not exclusive, an output
 * keeps its level when this process is killed (whoever started it must drive it safe), edges carry the time at which they
 * were read, and several edges within one round of the event loop are one. Rejects with `LINTEL_E_GPIO`.
 */
export async function openOnoffGpio(
  config: OnoffGpioConfig,
  events: GpioEvents,
  { clock = systemClock, classFolder = "/sys/class/gpio" }: OnoffDeps = {},
): Promise<GpioLines> {
  const base = findBase(classFolder, config.chip);
  const onoff = await loadOnoff();
  const lines = new OnoffLines(events, clock);
  try {
    const { outputs, inputs } = configuredLines(config);
    for (const [name, { line, activeLow }] of outputs) {
      // The direction is a physical level and set before the polarity: what is inactive must be said in volts.
      const rest = activeLow ? "high" : "low";
      const open = () => new onoff.Gpio(base + line, rest, "none", { activeLow, debounceTimeout: 0 });
      lines.addOutput(name, opened(name, base + line, open));
    }
    for (const [name, { line, activeLow }] of inputs) {
      const open = () => new onoff.Gpio(base + line, "in", "both", { activeLow, debounceTimeout: 0 });
      lines.addInput(name, opened(name, base + line, open));
    }
    for (const [name] of outputs) await lines.setOutput(name, false);
    return lines;
  } catch (error) {
    lines.release();
    throw error;
  }
}

/**
 * The number at which the lines of a chip begin: it depends on the kernel (1016, 512 and others), the label does not.
 * Throws `LINTEL_E_GPIO` when no chip, or more than one, has this label.
 */
export function findBase(classFolder: string, label: string): number {
  const chips = chipFolders(classFolder).map((folder) => ({
    label: readText(join(folder, "label")),
    base: Number(readText(join(folder, "base"))),
  }));
  const found = chips.filter((chip) => chip.label === label);
  const [first] = found;
  if (first && found.length === 1 && Number.isInteger(first.base)) return first.base;
  const all = chips.map((chip) => chip.label).join(", ");
  throw new LintelError(
    "LINTEL_E_GPIO",
    `${found.length === 0 ? "no" : "more than one"} GPIO chip is called ${label}`,
    {
      hint: `${classFolder} has: ${all === "" ? "none" : all}; without CONFIG_GPIO_SYSFS use driver cdev`,
    },
  );
}

// --- internal ---

async function loadOnoff(): Promise<typeof import("onoff")> {
  try {
    return await import("onoff");
  } catch (cause) {
    throw new LintelError(
      "LINTEL_E_GPIO",
      "the native part of the package onoff, which driver onoff needs, is not compiled",
      {
        hint: "npm rebuild epoll --ignore-scripts=false in Lintel's folder (needs g++, make, python3); or use driver cdev",
        cause,
      },
    );
  }
}

function chipFolders(classFolder: string): string[] {
  try {
    const chips = readdirSync(classFolder).filter((name) => /^gpiochip\d+$/.test(name));
    return chips.map((name) => join(classFolder, name));
  } catch (cause) {
    throw new LintelError("LINTEL_E_GPIO", `${classFolder} is not there`, {
      hint: "this kernel has no GPIO in /sys (CONFIG_GPIO_SYSFS): use driver cdev",
      cause,
    });
  }
}

function readText(file: string): string {
  return readFileSync(file, "utf8").trim();
}

function opened(name: string, number: number, open: () => Gpio): Gpio {
  try {
    return open();
  } catch (error) {
    throw kernelProblem(`line ${number} (${name})`, error);
  }
}

class OnoffLines implements GpioLines {
  readonly #events: GpioEvents;
  readonly #clock: Clock;
  readonly #outputs = new Map<OutputLine, Gpio>();
  readonly #inputs = new Map<InputLine, Gpio>();
  #ended: string | null = null;

  constructor(events: GpioEvents, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  addOutput(name: OutputLine, gpio: Gpio): void {
    this.#outputs.set(name, gpio);
  }

  addInput(name: InputLine, gpio: Gpio): void {
    this.#inputs.set(name, gpio);
    gpio.watch((error, value) => {
      if (this.#ended !== null) return;
      if (error) this.#lose(kernelProblem(`line ${name}`, error).message);
      else this.#events.onEdge({ line: name, isActive: value === 1, atMs: this.#clock.nowMs() });
    });
  }

  async setOutput(line: OutputLine, isActive: boolean): Promise<void> {
    this.#use(line, this.#outputs.get(line), (gpio) => gpio.writeSync(isActive ? 1 : 0));
  }

  async readOutput(line: OutputLine): Promise<boolean> {
    return this.#use(line, this.#outputs.get(line), (gpio) => gpio.readSync() === 1);
  }

  async readInput(line: InputLine): Promise<boolean> {
    return this.#use(line, this.#inputs.get(line), (gpio) => gpio.readSync() === 1);
  }

  async close(): Promise<void> {
    if (this.#ended !== null) return this.release();
    try {
      for (const line of this.#outputs.keys()) await this.setOutput(line, false);
    } finally {
      this.#ended ??= "closed";
      this.release();
    }
  }

  /** Gives the lines back as they are. */
  release(): void {
    for (const gpio of [...this.#inputs.values(), ...this.#outputs.values()]) {
      try {
        gpio.unexport();
      } catch {
        // The chip is gone, and the line with it.
      }
    }
    this.#inputs.clear();
    this.#outputs.clear();
  }

  #use<T>(line: OutputLine | InputLine, gpio: Gpio | undefined, work: (gpio: Gpio) => T): T {
    const held = usableLine(line, gpio, this.#ended);
    try {
      return work(held);
    } catch (error) {
      throw kernelProblem(`line ${line}`, error);
    }
  }

  #lose(reason: string): void {
    this.#ended = "lost";
    this.#events.onLost(reason);
  }
}
