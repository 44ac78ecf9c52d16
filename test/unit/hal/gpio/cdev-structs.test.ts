import { describe, expect, it } from "vitest";
import {
  decodeChipInfo,
  decodeEvents,
  decodeLineDescriptor,
  decodeLineInfo,
  decodeValue,
  emptyChipInfo,
  encodeLineInfo,
  encodeLineRequest,
  encodeValue,
} from "../../../../src/hal/gpio/cdev-structs.ts";

/**
 * Bytes that are not zero, by offset: what a C program that fills the structures of <linux/gpio.h> writes out, on x86-64
 * and arm64 alike.
 */
function bytes(length: number, parts: Readonly<Record<number, string>>): Buffer {
  const whole = Buffer.alloc(length);
  for (const [offset, hex] of Object.entries(parts)) whole.write(hex, Number(offset), "hex");
  return whole;
}

describe("struct gpio_v2_line_request", () => {
  it("asks for an active-low output with the value inactive in the same call", () => {
    const request = encodeLineRequest({ offset: 17, activeLow: true, consumer: "lintel-strike", direction: "output" });
    const fromC = { 0: "11", 256: "6c696e74656c2d737472696b65", 288: "0a", 296: "01", 320: "02", 336: "01", 560: "01" };
    expect(request).toEqual(bytes(592, fromC));
  });

  it("asks for an input with both edges, pull-up, 50 ms of debounce and room for 64 edges", () => {
    const request = encodeLineRequest({
      ...{ offset: 300, activeLow: false, consumer: "lintel-contact", direction: "input" as const },
      ...{ bias: "pull-up" as const, debounceMs: 50 },
    });
    const fromC = {
      ...{ 0: "2c01", 256: "6c696e74656c2d636f6e74616374", 288: "3401", 296: "01", 320: "03", 328: "50c3" },
      ...{ 336: "01", 560: "01", 564: "40" },
    };
    expect(request).toEqual(bytes(592, fromC));
  });

  it("leaves the debounce attribute away for 0 ms, which the kernel would refuse on some chips", () => {
    const line = { offset: 1, activeLow: false, consumer: "x", direction: "input", bias: "as-is" } as const;
    expect(encodeLineRequest({ ...line, debounceMs: 0 }).readUInt32LE(296)).toBe(0);
  });

  it("never writes a consumer's name over the field behind it", () => {
    const consumer = "c".repeat(80);
    const request = encodeLineRequest({ offset: 0, activeLow: false, consumer, direction: "output" });
    expect(request.subarray(256, 289)).toEqual(Buffer.from(`${"c".repeat(31)}\0\x08`, "latin1"));
  });

  it("comes back with the descriptor in its last four bytes", () => {
    expect(decodeLineDescriptor(bytes(592, { 588: "2a" }))).toBe(42);
  });
});

describe("what the kernel fills in", () => {
  it("is a chip with label and number of lines", () => {
    const fromC = { 0: "6770696f6368697030", 32: "70696e6374726c2d62636d32373131", 64: "3a" };
    expect(emptyChipInfo()).toHaveLength(68);
    expect(decodeChipInfo(bytes(68, fromC))).toEqual({ name: "gpiochip0", label: "pinctrl-bcm2711", lineCount: 58 });
  });

  it("is a line with its name and owner", () => {
    const fromC = bytes(256, { 0: "4750494f3137", 32: "6f74686572", 64: "11", 72: "09" });
    expect(decodeLineInfo(fromC)).toEqual({ name: "GPIO17", consumer: "other", isUsed: true });
    expect(decodeLineInfo(encodeLineInfo(3))).toEqual({ name: "", consumer: "", isUsed: false });
  });

  it("is a name of 32 bytes without an end", () => {
    expect(decodeLineInfo(bytes(256, { 0: "61".repeat(32) })).name).toBe("a".repeat(32));
  });

  it("is an edge with its stamp in nanoseconds of the monotonic clock", () => {
    const falling = bytes(48, { 0: "79df0d864870", 8: "02", 12: "2c01", 16: "07", 20: "07" });
    const rising = bytes(48, { 0: "01", 8: "01" });
    expect(decodeEvents(Buffer.concat([falling, rising]))).toEqual([
      { isActive: false, atMs: 123456789.012345 },
      { isActive: true, atMs: 1e-6 },
    ]);
  });

  it("is no edge while it is incomplete", () => {
    expect(decodeEvents(Buffer.alloc(47))).toEqual([]);
    expect(decodeEvents(Buffer.alloc(95))).toHaveLength(1);
  });

  it("is a value under the mask of one line", () => {
    expect(encodeValue(true)).toEqual(bytes(16, { 0: "01", 8: "01" }));
    expect(encodeValue(false)).toEqual(bytes(16, { 8: "01" }));
    expect([decodeValue(bytes(16, { 0: "01" })), decodeValue(bytes(16, { 0: "02" }))]).toEqual([true, false]);
  });
});
