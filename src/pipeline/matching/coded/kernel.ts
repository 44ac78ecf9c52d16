import { type Code, get, i32, moduleOf, repeatWhile, set, tee, v128 } from "../../../core/wasm/assembler.ts";

/**
 * The squared distances of one probe to many rows, in whole numbers, sixteen bytes at a time. In JavaScript it would be
 *
 *     do {
 *       let sum = 0;
 *       for (let column = 0; column < dimension; column++) sum += (codes[column] - probe[column]) ** 2;
 *       out[0] = sum;
 *       codes += dimension; out += 4; rows -= 1;
 *     } while (rows !== 0);
 *
 * with `codes` in bytes, `probe` in numbers of sixteen bits and `out` in numbers of thirty-two. The inner loop is written out: a row of 128
 * numbers is 16 times eight. Differences of two codes lie within 254, so that even 4,096 of them squared fit in 32 bits.
 */
export function kernelOf(dimension: number): Uint8Array<ArrayBuffer> {
  const [codes, rows, probe, out, difference, sum] = [0, 1, 2, 3, 4, 5] as const;
  const body: Code[] = [];
  for (let column = 0; column < dimension; column += columnsAtOnce) {
    body.push(
      ...[get(codes), v128.loadBytesAsI16x8(column)],
      ...[get(probe), v128.load(2 * column)],
      ...[v128.subtractI16x8, tee(difference), get(difference), v128.dotI16x8],
      ...(column === 0 ? [set(sum)] : [get(sum), v128.addI32x4, set(sum)]),
    );
  }
  body.push(
    // The four sums become one: halves onto each other, twice.
    ...[get(sum), get(sum), get(sum), v128.shuffle(fromByte(8)), v128.addI32x4, set(sum)],
    ...[
      get(out),
      get(sum),
      get(sum),
      get(sum),
      v128.shuffle(fromByte(4)),
      v128.addI32x4,
      v128.firstOfI32x4,
      i32.store(),
    ],
    ...[get(codes), i32.constant(dimension), i32.add, set(codes)],
    ...[get(out), i32.constant(4), i32.add, set(out)],
    ...[get(rows), i32.constant(-1), i32.add, tee(rows)],
  );
  return moduleOf({ parameters: 4, vectors: 2, body: repeatWhile(body.flat()) });
}

/** Columns of one instruction; the length of a row is a multiple of it. */
export const columnsAtOnce = 8;

/** Addresses in the memory in bytes; at least one row. */
export type Kernel = (codes: number, rows: number, probe: number, out: number) => void;

export function openKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof run !== "function") throw new Error("cannot happen: the module exports its function");
  return (codes, rows, probe, out) => void run(codes, rows, probe, out);
}

// --- internal ---

/** A vector turned so that its byte `first` comes first. */
function fromByte(first: number): readonly number[] {
  return Array.from({ length: 16 }, (_, lane) => (lane + first) % 16);
}
