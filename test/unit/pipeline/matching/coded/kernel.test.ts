import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../../src/core/random.ts";
import { maxPages } from "../../../../../src/core/wasm/assembler.ts";
import { kernelOf, openKernel } from "../../../../../src/pipeline/matching/coded/kernel.ts";

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
