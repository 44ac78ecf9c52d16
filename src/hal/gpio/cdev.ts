import { closeSync, readSync } from "node:fs";
import { z } from "zod";
import { LintelError } from "../../core/errors.ts";
import type { GpioEvents, GpioLines, InputLine, OutputLine } from "../api.ts";
import { type Linux, loadLinux } from "../linux.ts";
import { closeChips, findLine, lineInfo, type OpenChip, openChips } from "./cdev-chips.ts";
import {
  decodeEvents,
  decodeLineDescriptor,
  decodeValue,
  encodeLineRequest,
  encodeValue,
  eventLength,
  ioctlCode,
  type KernelEdge,
  type LineRequest,
} from "./cdev-structs.ts";
import { kernelProblem } from "./kernel-problem.ts";
import { configuredLines, lineMaps } from "./lines-config.ts";
import { usableLine } from "./usable-line.ts";

const lineConfig = z.strictObject({
  line: z
    .union([z.int().min(0).max(65535), z.string().min(1).max(31)])
    .describe("Name of the line as gpioinfo lists it, or its offset on the chip."),
  activeLow: z.boolean().default(false).describe("True when the low level is the active one, as on most relay boards."),
});
const inputConfig = z.strictObject({
  ...lineConfig.shape,
  bias: z
    .enum(["as-is", "pull-up", "pull-down", "disabled"])
    .default("as-is")
    .describe("Resistor inside the chip; not every chip has one."),
});

/** Configuration of the kernel's character device. */
export const cdevGpioConfig = z.strictObject({
  driver: z
    .literal("cdev")
    .describe("The kernel's GPIO character device: the lines of a real board (Linux 5.10 or later)."),
  chip: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("Label, device name or path of the chip; absent: every chip is searched for lines by their names."),
  ...lineMaps(lineConfig, inputConfig),
});
export type CdevGpioConfig = z.infer<typeof cdevGpioConfig>;

export interface CdevDeps {
  /** Default: the C library. */
  readonly linux?: Linux;
  /** Where the devices are; default `/dev`. */
  readonly deviceFolder?: string;
}

/**
 * Takes the configured lines from the kernel: each by one request, which also drives an output inactive. The lines are
 * exclusive, and **the kernel takes them back when this process ends in whatever way**; most chips then leave an output
 * as it was, floating or at its last level, which the next owner or `lintel lock` ends. Bounce is taken out by the kernel,
 * and edges carry its stamps. Rejects with `LINTEL_E_GPIO`.
 */
export async function openCdevGpio(
  config: CdevGpioConfig,
  events: GpioEvents,
  deps: CdevDeps = {},
): Promise<GpioLines> {
  const linux = deps.linux ?? (await loadLinux());
  const chips = openChips(linux, deps.deviceFolder ?? "/dev", config.chip);
  const lines = new CdevLines(linux, events);
  try {
    const { outputs, inputs } = configuredLines(config);
    for (const [name, { line, activeLow }] of outputs) {
      const { chip, offset } = findLine(linux, chips, line);
      const consumer = `lintel-${name}`;
      lines.addOutput(name, take(linux, chip, { offset, activeLow, consumer, direction: "output" }));
    }
    for (const [name, { line, ...input }] of inputs) {
      const { chip, offset } = findLine(linux, chips, line);
      const consumer = `lintel-${name}`;
      lines.addInput(name, take(linux, chip, { ...input, offset, consumer, direction: "input" }));
      if (input.debounceMs > 0) lines.debouncedInputs.add(name);
    }
    return lines;
  } catch (error) {
    lines.release();
    throw error;
  } finally {
    closeChips(chips);
  }
}

// --- internal ---

/** The descriptor of the line. */
function take(linux: Linux, chip: OpenChip, request: LineRequest): number {
  const bytes = encodeLineRequest(request);
  try {
    linux.ioctl(chip.fd, ioctlCode.getLine, bytes);
  } catch (error) {
    throw kernelProblem(
      `line ${request.offset} of ${chip.label} (${request.consumer})${owner(linux, chip, request)}`,
      error,
    );
  }
  return decodeLineDescriptor(bytes);
}

function owner(linux: Linux, chip: OpenChip, { offset }: LineRequest): string {
  try {
    const { isUsed, consumer } = lineInfo(linux, chip, offset);
    return isUsed && consumer !== "" ? `, held by ${consumer},` : "";
  } catch {
    return "";
  }
}

/** Waiting edges read at a time. */
const eventsAtOnce = 64;

interface WatchedInput {
  readonly fd: number;
  readonly endWatch: () => void;
}

class CdevLines implements GpioLines {
  readonly debouncedInputs = new Set<InputLine>();
  readonly #linux: Linux;
  readonly #events: GpioEvents;
  readonly #outputs = new Map<OutputLine, number>();
  readonly #inputs = new Map<InputLine, WatchedInput>();
  /** Why nothing may be asked any more. */
  #ended: string | null = null;

  constructor(linux: Linux, events: GpioEvents) {
    this.#linux = linux;
    this.#events = events;
  }

  addOutput(name: OutputLine, fd: number): void {
    this.#outputs.set(name, fd);
  }

  addInput(name: InputLine, fd: number): void {
    this.#inputs.set(name, { fd, endWatch: this.#linux.watch(fd, () => this.#readEdges(name, fd)) });
  }

  async setOutput(line: OutputLine, isActive: boolean): Promise<void> {
    this.#call(line, this.#outputs.get(line), ioctlCode.setValues, encodeValue(isActive));
  }

  async readOutput(line: OutputLine): Promise<boolean> {
    return this.#read(line, this.#outputs.get(line));
  }

  async readInput(line: InputLine): Promise<boolean> {
    return this.#read(line, this.#inputs.get(line)?.fd);
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
    for (const { fd, endWatch } of this.#inputs.values()) {
      endWatch();
      closeSync(fd);
    }
    for (const fd of this.#outputs.values()) closeSync(fd);
    this.#inputs.clear();
    this.#outputs.clear();
  }

  #read(line: OutputLine | InputLine, fd: number | undefined): boolean {
    const bytes = encodeValue(false);
    this.#call(line, fd, ioctlCode.getValues, bytes);
    return decodeValue(bytes);
  }

  #call(line: OutputLine | InputLine, fd: number | undefined, request: number, argument: Buffer): void {
    const held = usableLine(line, fd, this.#ended);
    try {
      this.#linux.ioctl(held, request, argument);
    } catch (error) {
      throw kernelProblem(`line ${line}`, error);
    }
  }

  /** All edges that wait, and the level as it is now: in a burst the kernel may have lost the oldest. */
  #readEdges(line: InputLine, fd: number): void {
    if (this.#ended !== null) return;
    try {
      const edges = readWaiting(fd);
      for (const edge of edges) this.#events.onEdge({ line, ...edge });
      const last = edges.at(-1);
      if (!last) return;
      const isActive = this.#read(line, fd);
      if (isActive !== last.isActive) this.#events.onEdge({ line, isActive, atMs: last.atMs });
    } catch (error) {
      this.#lose(kernelProblem(`line ${line}`, error).message);
    }
  }

  #lose(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = "lost";
    for (const { endWatch } of this.#inputs.values()) endWatch();
    this.#events.onLost(reason);
  }
}

function readWaiting(fd: number): KernelEdge[] {
  const bytes = Buffer.alloc(eventsAtOnce * eventLength);
  try {
    const length = readSync(fd, bytes, 0, bytes.length, null);
    if (length === 0) throw new LintelError("LINTEL_E_GPIO", "the kernel closed a line");
    return decodeEvents(bytes.subarray(0, length));
  } catch (error) {
    // Somebody read them before: a wake for nothing.
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return [];
    throw error;
  }
}
