/** The part of WebAssembly's JavaScript interface that is used; the types of Node leave it to those of browsers. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }

  /** In pages of 64 KiB. */
  type Size = { readonly initial: number; readonly maximum?: number; readonly shared?: false } | SharedSize;
  type SharedSize = { readonly initial: number; readonly maximum: number; readonly shared: true };

  class Memory<Own extends Size = Size> {
    constructor(size: Own);
    readonly buffer: Own extends SharedSize ? SharedArrayBuffer : ArrayBuffer;
  }

  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } });
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
