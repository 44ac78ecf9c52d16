import { closeSync, mkdirSync, readlinkSync, writeFileSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import koffi from "koffi";
import { type Linux, loadLinux, SystemCallError } from "../../src/hal/linux.ts";

interface KernelLine {
  readonly name: string;
  level: 0 | 1;
  owner: {
    readonly readEnd: number;
    readonly writeEnd: number;
    readonly flags: bigint;
    readonly consumer: string;
  } | null;
}

interface KernelChip {
  readonly label: string;
  readonly lines: KernelLine[];
}

const oCloseOnExec = 0o2000000;
const pollError = 8;

/**
 * The GPIO character device as the driver sees it: answers ioctl on the bytes of <linux/gpio.h>, as the kernel does. The
 * descriptors are real (pipes, waited for by the real event loop); the chips are not. It reads the structures by itself,
 * with nothing of the driver's.
 */
export class ByteKernel {
  readonly #chips = new Map<string, KernelChip>();
  readonly #libc = koffi.load("libc.so.6");
  readonly #pipe2 = this.#libc.func("int pipe2(_Out_ int *fds, int flags)");
  readonly #poll = this.#libc.func("int poll(_Inout_ uint8_t *fds, unsigned long count, int timeout)");
  readonly #folder: string;
  /** Debounce asked for, by line name, in microseconds. */
  readonly debounceUs = new Map<string, number>();
  /** Every level a line has had since it was made, by line name. */
  readonly history: { line: string; level: 0 | 1 }[] = [];
  /** The next ioctl fails with this. */
  failNext: number | null = null;

  constructor(deviceFolder: string) {
    this.#folder = deviceFolder;
    mkdirSync(deviceFolder, { recursive: true });
  }

  addChip(device: string, label: string, lineNames: readonly string[]): void {
    writeFileSync(join(this.#folder, device), "");
    this.#chips.set(device, { label, lines: lineNames.map((name) => ({ name, level: 0, owner: null })) });
  }

  /** What the driver is given: these calls, and the real event loop. */
  async linux(): Promise<Linux> {
    const real = await loadLinux();
    return { ioctl: (fd, request, argument) => this.#ioctl(fd, request, argument), watch: real.watch };
  }

  line(name: string): KernelLine {
    for (const { lines } of this.#chips.values()) for (const line of lines) if (line.name === name) return line;
    throw new Error(`no line ${name}`);
  }

  isOwned(name: string): boolean {
    return this.#owner(this.line(name)) !== null;
  }

  /** Puts a level on an input from outside; its owner is told. */
  drive(name: string, level: 0 | 1, atNs = process.hrtime.bigint()): void {
    const line = this.line(name);
    if (line.level === level) return;
    this.#put(line, level);
    this.tell(name, this.#logical(line), atNs);
  }

  /** Reports an edge to the owner without moving the line. */
  tell(name: string, isActive: boolean, atNs: bigint): void {
    const owner = this.#owner(this.line(name));
    if (!owner) return;
    const event = Buffer.alloc(48);
    event.writeBigUInt64LE(atNs, 0);
    event.writeUInt32LE(isActive ? 1 : 2, 8);
    writeSync(owner.writeEnd, event);
  }

  /** The chip is unplugged: whoever reads is at the end. */
  unplug(): void {
    for (const { lines } of this.#chips.values()) for (const line of lines) this.#release(line);
    this.failNext = 19;
  }

  stop(): void {
    for (const { lines } of this.#chips.values()) for (const line of lines) this.#release(line);
  }

  // --- internal ---

  #ioctl(fd: number, request: number, argument: Buffer): void {
    if (this.failNext !== null) throw new SystemCallError("ioctl", this.failNext);
    if (request === 0xc010b40e || request === 0xc010b40f) return this.#values(fd, request === 0xc010b40f, argument);
    const device = basename(readlinkSync(`/proc/self/fd/${fd}`));
    const chip = this.#chips.get(device);
    if (!chip) throw new SystemCallError("ioctl", 25);
    if (request === 0x8044b401) {
      argument.write(device, 0);
      argument.write(chip.label, 32);
      argument.writeUInt32LE(chip.lines.length, 64);
    } else if (request === 0xc100b405) this.#lineInfo(chip, argument);
    else if (request === 0xc250b407) this.#request(chip, argument);
    else throw new SystemCallError("ioctl", 25);
  }

  #lineInfo(chip: KernelChip, argument: Buffer): void {
    const line = chip.lines[argument.readUInt32LE(64)];
    if (!line) throw new SystemCallError("ioctl", 22);
    const owner = this.#owner(line);
    argument.write(line.name, 0);
    argument.write(owner?.consumer ?? "", 32);
    argument.writeBigUInt64LE(owner ? owner.flags | 1n : 0n, 72);
  }

  #request(chip: KernelChip, argument: Buffer): void {
    const line = chip.lines[argument.readUInt32LE(0)];
    if (!line || argument.readUInt32LE(560) !== 1) throw new SystemCallError("ioctl", 22);
    if (this.#owner(line)) throw new SystemCallError("ioctl", 16);
    const flags = argument.readBigUInt64LE(288);
    const fds = [0, 0];
    if (this.#pipe2(fds, oCloseOnExec) !== 0) throw new Error("no pipe");
    const [readEnd = -1, writeEnd = -1] = fds;
    const consumer = argument.toString("latin1", 256, argument.indexOf(0, 256));
    line.owner = { readEnd, writeEnd, flags, consumer };
    const attribute = argument.readUInt32LE(296) === 0 ? 0 : argument.readUInt32LE(320);
    const value = argument.readBigUInt64LE(328);
    if ((flags & 8n) !== 0n) this.#put(line, this.#physical(line, attribute === 2 && value === 1n));
    if (attribute === 3) this.debounceUs.set(line.name, Number(value));
    argument.writeInt32LE(readEnd, 588);
  }

  #values(fd: number, isSet: boolean, argument: Buffer): void {
    const line = this.#lineOf(fd);
    if (isSet) {
      if (((line.owner?.flags ?? 0n) & 8n) === 0n) throw new SystemCallError("ioctl", 1);
      this.#put(line, this.#physical(line, argument.readBigUInt64LE(0) === 1n));
    } else argument.writeBigUInt64LE(this.#logical(line) ? 1n : 0n, 0);
  }

  #lineOf(fd: number): KernelLine {
    for (const { lines } of this.#chips.values()) {
      for (const line of lines) if (line.owner?.readEnd === fd && this.#owner(line)) return line;
    }
    throw new SystemCallError("ioctl", 9);
  }

  /** Null when the owner has closed its descriptor. */
  #owner(line: KernelLine): KernelLine["owner"] {
    if (!line.owner) return null;
    const fds = Buffer.alloc(8);
    fds.writeInt32LE(line.owner.writeEnd, 0);
    this.#poll(fds, 1, 0);
    if ((fds.readInt16LE(6) & pollError) !== 0) this.#release(line);
    return line.owner;
  }

  #release(line: KernelLine): void {
    if (line.owner) closeSync(line.owner.writeEnd);
    line.owner = null;
  }

  #put(line: KernelLine, level: 0 | 1): void {
    if (line.level !== level) this.history.push({ line: line.name, level });
    line.level = level;
  }

  #logical(line: KernelLine): boolean {
    return (line.level === 1) !== this.#isActiveLow(line);
  }

  #physical(line: KernelLine, isActive: boolean): 0 | 1 {
    return isActive !== this.#isActiveLow(line) ? 1 : 0;
  }

  #isActiveLow(line: KernelLine): boolean {
    return ((line.owner?.flags ?? 0n) & 2n) !== 0n;
  }
}
