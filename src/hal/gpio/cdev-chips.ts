import { closeSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { errorText, LintelError } from "../../core/errors.ts";
import type { Linux } from "../linux.ts";
import {
  type ChipInfo,
  decodeChipInfo,
  decodeLineInfo,
  emptyChipInfo,
  encodeLineInfo,
  ioctlCode,
  type LineInfo,
} from "./cdev-structs.ts";
import { kernelProblem } from "./kernel-problem.ts";

/** A chip that was opened. */
export interface OpenChip extends ChipInfo {
  readonly fd: number;
}

/** A line as the configuration names it: by its name, or by its offset on the chip. */
export type LineAddress = string | number;

/**
 * The chips of the machine, opened. With `chip`, only the one of that label, device name (`gpiochip0`) or path. Throws
 * `LINTEL_E_GPIO` when there is none, or more than one of that label.
 */
export function openChips(linux: Linux, deviceFolder: string, chip: string | undefined): readonly OpenChip[] {
  const { chips, refusals } = openAll(linux, deviceFolder);
  if (chip === undefined) {
    if (chips.length > 0) return chips;
    throw refusals[0] ?? noChip("this machine has no GPIO chip");
  }
  const isIt = ({ label, name }: OpenChip) => chip === label || chip === name || chip === join(deviceFolder, name);
  const found = chips.filter(isIt);
  closeChips(chips.filter((other) => !isIt(other)));
  if (found.length === 1) return found;
  closeChips(found);
  if (found.length > 1)
    throw noChip(`${found.length} GPIO chips are called ${chip}`, "give the path: chip: /dev/gpiochipN");
  const others = chips.map(({ label }) => label).join(", ");
  throw refusals[0] ?? noChip(`no GPIO chip is called ${chip}`, `this machine has: ${others === "" ? "none" : others}`);
}

export function closeChips(chips: readonly OpenChip[]): void {
  for (const { fd } of chips) closeSync(fd);
}

/** Where the line is. Throws `LINTEL_E_GPIO` when no chip has it, or several do. */
export function findLine(
  linux: Linux,
  chips: readonly OpenChip[],
  line: LineAddress,
): { readonly chip: OpenChip; readonly offset: number } {
  const found = chips.flatMap((chip) => offsetsOf(linux, chip, line).map((offset) => ({ chip, offset })));
  const [first, second] = found;
  if (first && !second) return first;
  const on = chips.map(({ label, lineCount }) => `${label} (${lineCount} lines)`).join(", ");
  if (!first) throw noChip(`no line ${line} on ${on}`, "gpioinfo lists the lines with their names");
  throw noChip(`line ${line} is there more than once on ${on}`, "say which chip: gpio.chip, or give the offset");
}

export function lineInfo(linux: Linux, chip: OpenChip, offset: number): LineInfo {
  const bytes = encodeLineInfo(offset);
  linux.ioctl(chip.fd, ioctlCode.getLineInfo, bytes);
  return decodeLineInfo(bytes);
}

// --- internal ---

/** Chips that may not be opened are remembered as errors: they count when the one that is wanted is not among the others. */
function openAll(linux: Linux, deviceFolder: string): { chips: OpenChip[]; refusals: LintelError[] } {
  const chips: OpenChip[] = [];
  const refusals: LintelError[] = [];
  for (const device of chipDevices(deviceFolder)) {
    const path = join(deviceFolder, device);
    try {
      chips.push(openChip(linux, path));
    } catch (error) {
      refusals.push(kernelProblem(path, error));
    }
  }
  return { chips, refusals };
}

function openChip(linux: Linux, path: string): OpenChip {
  const fd = openSync(path, "r+");
  try {
    const bytes = emptyChipInfo();
    linux.ioctl(fd, ioctlCode.getChipInfo, bytes);
    return { fd, ...decodeChipInfo(bytes) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function chipDevices(deviceFolder: string): string[] {
  try {
    return readdirSync(deviceFolder)
      .filter((name) => /^gpiochip\d+$/.test(name))
      .sort();
  } catch (cause) {
    throw new LintelError("LINTEL_E_GPIO", `${deviceFolder} cannot be read: ${errorText(cause)}`, { cause });
  }
}

function offsetsOf(linux: Linux, chip: OpenChip, line: LineAddress): number[] {
  if (typeof line === "number") return line < chip.lineCount ? [line] : [];
  const offsets = Array.from({ length: chip.lineCount }, (_, offset) => offset);
  return offsets.filter((offset) => lineInfo(linux, chip, offset).name === line);
}

function noChip(
  message: string,
  hint = "see /dev/gpiochip*; inside a container the devices must be passed in",
): LintelError {
  return new LintelError("LINTEL_E_GPIO", message, { hint });
}
