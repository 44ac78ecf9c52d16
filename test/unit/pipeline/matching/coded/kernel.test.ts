import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../../src/core/random.ts";
import { i32, maxPages, unsigned } from "../../../../../src/pipeline/matching/coded/assembler.ts";
import { kernelOf, openKernel } from "../../../../../src/pipeline/matching/coded/kernel.ts";

test.each([
  [0, [0]],
  [127, [127]],
  [128, [0x80, 1]],
  [624_485, [0xe5, 0x8e, 0x26]],
  [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
])("%d is written as WebAssembly wants an unsigned number", (value, bytes) => {
  expect(unsigned(value)).toEqual(bytes);
});

test.each([
  [-1, [0x41, 0x7f]],
  [4, [0x41, 0x84, 0x00]],
  [128, [0x41, 0x80, 0x01]],
  [4064, [0x41, 0xe0, 0x1f]],
])("the constant %d is written with its sign", (value, bytes) => {
  expect(i32.constant(value)).toEqual(bytes);
});

describe("the kernel", () => {
  const opened = (dimension: number, rows: number) => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: maxPages, shared: true });
    const kernel = openKernel(new WebAssembly.Module(kernelOf(dimension)), memory);
    const probe = new Int16Array(memory.buffer, 0, dimension);
    const out = new Int32Array(memory.buffer, 2 * dimension, rows + 1);
    const codes = new Int8Array(memory.buffer, 2 * dimension + 4 * (rows + 1), rows * dimension);
    const run = () => kernel(codes.byteOffset, rows, probe.byteOffset, out.byteOffset);
    return { probe, out, codes, run };
  };

  test.each([
    [8, 1],
    [32, 5],
    [128, 100],
    [1024, 7],
    [4064, 2],
  ])("sums squared differences of %d columns over %d rows as plain arithmetic does", (dimension, rows) => {
    const { probe, out, codes, run } = opened(dimension, rows);
    const random = seededRandom(dimension + rows);
    const code = () => Math.round((random() - 0.5) * 254);
    for (let i = 0; i < codes.length; i++) codes[i] = code();
    for (let i = 0; i < dimension; i++) probe[i] = code();
    out.fill(-7);
    run();
    for (let row = 0; row < rows; row++) {
      const own = codes.subarray(row * dimension, (row + 1) * dimension);
      expect(out[row]).toBe(own.reduce((sum, value, i) => sum + (value - (probe[i] ?? 0)) ** 2, 0));
    }
    expect(out[rows], "nothing is written behind the last row").toBe(-7);
  });

  test("the greatest difference in every column does not overflow", () => {
    const { probe, out, codes, run } = opened(4064, 1);
    codes.fill(-127);
    probe.fill(127);
    run();
    expect(out[0]).toBe(4064 * 254 ** 2);
  });
});
