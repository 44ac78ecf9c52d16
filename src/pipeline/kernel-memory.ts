import { maxPages, pageBytes } from "../core/wasm/assembler.ts";

/** A kernel takes up to five numbers: addresses, counts, and room for its own. */
export type Kernel = (a: number, b: number, c: number, d: number, e: number) => void;

/** A memory of at least so many bytes, and kernels that work in it. */
export function openKernels(bytes: number): {
  buffer: SharedArrayBuffer;
  openKernel: (code: Uint8Array<ArrayBuffer>) => Kernel;
} {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes), maximum: maxPages, shared: true });
  const openKernel = (code: Uint8Array<ArrayBuffer>): Kernel => {
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } }).exports;
    if (typeof run !== "function") throw new Error("cannot happen: the module exports its function");
    return (a, b, c, d, e) => void run(a, b, c, d, e);
  };
  return { buffer: memory.buffer, openKernel };
}
