import { expect, test } from "vitest";
import {
  get,
  i32,
  moduleOf,
  repeatWhile,
  set,
  tee,
  unsigned,
  v128,
  when,
} from "../../../../src/core/wasm/assembler.ts";

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

/** Runs one function on a memory of its own. */
function run(text: Parameters<typeof moduleOf>[0], memory: WebAssembly.Memory, ...given: number[]): void {
  const module = new WebAssembly.Module(moduleOf(text));
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof run === "function") run(...given);
}

test("a function adds up as often as it is told, or not at all, in a memory that no other thread sees", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const numbers = new Float32Array(memory.buffer, 0, 8);
  const [address, count, sum] = [0, 1, 2];
  const addOnce = [get(sum), get(address), v128.load(16), v128.addF32x4, set(sum)];
  const loop = repeatWhile([...addOnce, get(count), i32.constant(-1), i32.add, tee(count)].flat());
  const body = [get(count), when(loop), get(address), get(sum), v128.store()].flat();
  const expected: [number, number[]][] = [
    [3, [3, -6, 1.5, 0]],
    [0, [0, 0, 0, 0]],
  ];
  for (const [times, sums] of expected) {
    numbers.set([9, 9, 9, 9, 1, -2, 0.5, 0]);
    run({ parameters: 2, vectors: 1, body, isMemoryShared: false }, memory, 0, times);
    expect([...numbers.subarray(0, 4)]).toEqual(sums);
  }
});

test("of two numbers the limit is taken only where it is passed, and what is no number stays", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const numbers = new Float32Array(memory.buffer, 0, 12);
  numbers.set([-3, 0.5, 7, Number.NaN, -1, -1, -1, -1, 1, 1, 1, 1]);
  const limited = [get(0), v128.load(), get(0), v128.load(16), v128.atLeastF32x4, get(0), v128.load(32)];
  const body = [get(0), ...limited, v128.atMostF32x4, v128.store()].flat();
  run({ parameters: 1, vectors: 0, body, isMemoryShared: false }, memory, 0);
  expect([...numbers.subarray(0, 4)]).toEqual([-1, 0.5, 1, Number.NaN]);
});
