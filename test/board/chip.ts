import { readFileSync, writeFileSync } from "node:fs";
import type { GpioEvents } from "../../src/hal/api.ts";

/** The simulated chip as /sys shows it to whoever stands beside the board; empty on any other machine. */
export const chip = process.env.LINTEL_BOARD_CHIP ?? "";
/** Starting a program takes long on an emulated processor. */
export const slowMs = 120_000;
export const nobody: GpioEvents = { onEdge: () => {}, onLost: () => {} };

export const levelOf = (offset: number): 0 | 1 =>
  readFileSync(`${chip}/sim_gpio${offset}/value`, "utf8").trim() === "1" ? 1 : 0;

export const drive = (offset: number, level: 0 | 1): void =>
  writeFileSync(`${chip}/sim_gpio${offset}/pull`, level === 1 ? "pull-up" : "pull-down");
