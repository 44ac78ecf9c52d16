/**
 * The structures of the GPIO character device, uAPI v2 (<linux/gpio.h>, Linux 5.10 and later), as bytes. All of them are
 * laid out alike on x86-64 and arm64: little endian, 64-bit fields aligned to 8. Pure.
 */

/** Request codes for ioctl(2). */
export const ioctlCode = {
  getChipInfo: 0x8044b401,
  getLineInfo: 0xc100b405,
  getLine: 0xc250b407,
  getValues: 0xc010b40e,
  setValues: 0xc010b40f,
} as const;

/** GPIO_V2_LINE_FLAG_*. */
export const lineFlag = {
  used: 1n << 0n,
  activeLow: 1n << 1n,
  input: 1n << 2n,
  output: 1n << 3n,
  edgeRising: 1n << 4n,
  edgeFalling: 1n << 5n,
  biasPullUp: 1n << 8n,
  biasPullDown: 1n << 9n,
  biasDisabled: 1n << 10n,
} as const;

/** GPIO_V2_LINE_ATTR_ID_*. */
const attribute = { outputValues: 2, debounce: 3 } as const;

const nameLength = 32;
const chipInfoLength = 68;
const lineInfoLength = 256;
const lineRequestLength = 592;
/** Offsets within struct gpio_v2_line_request; its `config` begins at 288. */
const at = {
  consumer: 256,
  flags: 288,
  attributeCount: 296,
  attributes: 320,
  lineCount: 560,
  eventBufferSize: 564,
  fd: 588,
} as const;
const attributeLength = 24;
/** Length of struct gpio_v2_line_event. */
export const eventLength = 48;
/** Waiting edges of one line that the kernel keeps; beyond it the oldest are lost. */
const eventBufferSize = 64;

export interface ChipInfo {
  /** Name of the device, such as `gpiochip0`. It may change with the order in which drivers are loaded. */
  readonly name: string;
  /** What the driver calls the chip, such as `pinctrl-bcm2711`. */
  readonly label: string;
  readonly lineCount: number;
}

export interface LineInfo {
  readonly name: string;
  /** Who owns it; empty when nobody does. */
  readonly consumer: string;
  readonly isUsed: boolean;
}

export type Bias = "as-is" | "pull-up" | "pull-down" | "disabled";

/** One line as it is asked for. */
export type LineRequest = {
  readonly offset: number;
  readonly activeLow: boolean;
  /** At most 31 bytes are kept. */
  readonly consumer: string;
} & (
  | { readonly direction: "output" }
  | { readonly direction: "input"; readonly bias: Bias; readonly debounceMs: number }
);

/** An edge as the kernel saw it. */
export interface KernelEdge {
  /** Rising: the line became active (the polarity is applied). */
  readonly isActive: boolean;
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
}

/** An empty struct gpiochip_info for the kernel to fill. */
export function emptyChipInfo(): Buffer {
  return Buffer.alloc(chipInfoLength);
}

export function decodeChipInfo(bytes: Buffer): ChipInfo {
  return {
    name: text(bytes, 0),
    label: text(bytes, nameLength),
    lineCount: bytes.readUInt32LE(2 * nameLength),
  };
}

/** A struct gpio_v2_line_info that asks for the line at this offset. */
export function encodeLineInfo(offset: number): Buffer {
  const bytes = Buffer.alloc(lineInfoLength);
  bytes.writeUInt32LE(offset, 2 * nameLength);
  return bytes;
}

export function decodeLineInfo(bytes: Buffer): LineInfo {
  return {
    name: text(bytes, 0),
    consumer: text(bytes, nameLength),
    isUsed: (bytes.readBigUInt64LE(72) & lineFlag.used) !== 0n,
  };
}

/**
 * A struct gpio_v2_line_request for one line. An output is requested inactive: the same call that takes the line drives
 * it, so that a relay does not click. An input reports both edges, and the kernel takes the bounce out.
 */
export function encodeLineRequest(request: LineRequest): Buffer {
  const bytes = Buffer.alloc(lineRequestLength);
  bytes.writeUInt32LE(request.offset, 0);
  bytes.write(request.consumer.slice(0, nameLength - 1), at.consumer, "latin1");
  bytes.writeBigUInt64LE(flagsOf(request), at.flags);
  bytes.writeUInt32LE(1, at.lineCount);
  if (request.direction === "output") {
    addAttribute(bytes, attribute.outputValues, 0n);
  } else {
    bytes.writeUInt32LE(eventBufferSize, at.eventBufferSize);
    if (request.debounceMs > 0) addAttribute(bytes, attribute.debounce, BigInt(request.debounceMs) * 1000n);
  }
  return bytes;
}

/** The descriptor of the line, which the kernel has written into the request. */
export function decodeLineDescriptor(request: Buffer): number {
  return request.readInt32LE(at.fd);
}

/** A struct gpio_v2_line_values for a request of one line. */
export function encodeValue(isActive: boolean): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(isActive ? 1n : 0n, 0);
  bytes.writeBigUInt64LE(1n, 8);
  return bytes;
}

export function decodeValue(bytes: Buffer): boolean {
  return (bytes.readBigUInt64LE(0) & 1n) === 1n;
}

/** The events in what was read from the descriptor of a line; an incomplete one at the end is left out. */
export function decodeEvents(bytes: Buffer): KernelEdge[] {
  const edges: KernelEdge[] = [];
  for (let start = 0; start + eventLength <= bytes.length; start += eventLength) {
    edges.push({
      isActive: bytes.readUInt32LE(start + 8) === 1,
      atMs: Number(bytes.readBigUInt64LE(start)) / 1e6,
    });
  }
  return edges;
}

// --- internal ---

function text(bytes: Buffer, offset: number): string {
  const field = bytes.subarray(offset, offset + nameLength);
  const end = field.indexOf(0);
  return field.toString("latin1", 0, end < 0 ? nameLength : end);
}

const biasFlags: Readonly<Record<Bias, bigint>> = {
  "as-is": 0n,
  "pull-up": lineFlag.biasPullUp,
  "pull-down": lineFlag.biasPullDown,
  disabled: lineFlag.biasDisabled,
};

function flagsOf(request: LineRequest): bigint {
  const polarity = request.activeLow ? lineFlag.activeLow : 0n;
  if (request.direction === "output") return lineFlag.output | polarity;
  return lineFlag.input | lineFlag.edgeRising | lineFlag.edgeFalling | biasFlags[request.bias] | polarity;
}

/** The first attribute of the request, for its one line. */
function addAttribute(bytes: Buffer, id: number, value: bigint): void {
  bytes.writeUInt32LE(1, at.attributeCount);
  bytes.writeUInt32LE(id, at.attributes);
  bytes.writeBigUInt64LE(value, at.attributes + 8);
  bytes.writeBigUInt64LE(1n, at.attributes + attributeLength - 8);
}
