import { maxPages, pageBytes } from "../../../core/wasm/assembler.ts";
import { type Kernel, openKernel } from "./kernel.ts";

/** What one search writes: the probe's code and its squared distance to each row. */
export interface Desk {
  readonly probe: Int16Array;
  readonly squared: Int32Array;
}

/** Codes of up to `capacity` rows, and two desks, so that a search on another thread never writes where this one reads. */
export interface CodedMemory {
  readonly memory: WebAssembly.Memory;
  readonly kernel: Kernel;
  readonly capacity: number;
  readonly codes: Int8Array;
  readonly desks: { readonly own: Desk; readonly beside: Desk };
}

/** Throws a RangeError when there is no such memory. */
export function openMemory(
  module: WebAssembly.Module,
  { dimension, capacity }: { dimension: number; capacity: number },
): CodedMemory {
  const deskBytes = 2 * dimension + 4 * capacity;
  const pages = Math.ceil((2 * deskBytes + capacity * dimension) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: maxPages, shared: true });
  const desk = (start: number): Desk => ({
    probe: new Int16Array(memory.buffer, start, dimension),
    squared: new Int32Array(memory.buffer, start + 2 * dimension, capacity),
  });
  return {
    memory,
    kernel: openKernel(module, memory),
    capacity,
    desks: { own: desk(0), beside: desk(deskBytes) },
    codes: new Int8Array(memory.buffer, 2 * deskBytes, capacity * dimension),
  };
}
