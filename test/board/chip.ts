import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { GpioEvents } from "../../src/hal/api.ts";

export const isBoard = process.env.LINTEL_BOARD === "1";
/** Starting a program takes long on an emulated processor. */
export const slowMs = 120_000;
export const nobody: GpioEvents = { onEdge: () => {}, onLost: () => {} };

/** The simulated chip as the kernel's configuration knows it; writing 0 to `live` unplugs it. */
export const chipConfig = "/sys/kernel/config/gpio-sim/door";

/** The chip as whoever stands beside the board sees it; another folder after it was unplugged. */
export function chipFolder(): string {
  const name = (file: string) => readFileSync(`${chipConfig}/${file}`, "utf8").trim();
  return `/sys/devices/platform/${name("dev_name")}/${name("bank0/chip_name")}`;
}

export const levelOf = (offset: number): 0 | 1 =>
  readFileSync(`${chipFolder()}/sim_gpio${offset}/value`, "utf8").trim() === "1" ? 1 : 0;

export const drive = (offset: number, level: 0 | 1): void =>
  writeFileSync(`${chipFolder()}/sim_gpio${offset}/pull`, level === 1 ? "pull-up" : "pull-down");

/** Takes back what a process that was killed left exported through /sys: the kernel does not. */
export function unexportLines(): void {
  for (const [, number] of readdirSync("/sys/class/gpio").map((name) => /^gpio(\d+)$/.exec(name) ?? [])) {
    if (number !== undefined) writeFileSync("/sys/class/gpio/unexport", number);
  }
}
