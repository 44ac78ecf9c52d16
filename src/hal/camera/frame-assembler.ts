export interface FrameSink {
  /** Where the frame is written; asked again after each frame. The slots must all have one size. */
  slot(): Uint8Array;
  /** A frame begins; false: nobody wants it, and it is not written. */
  begin(): boolean;
  /** A frame is whole, also one that nobody wanted. */
  end(isWanted: boolean): void;
}

/** Cuts a byte stream into frames of a fixed size, writing straight into the slots it is given. */
export class FrameAssembler {
  readonly #sink: FrameSink;
  #filled = 0;
  #isWanted = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Bytes of an unfinished frame. */
  get pendingBytes(): number {
    return this.#filled;
  }

  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#filled === 0) this.#isWanted = this.#sink.begin();
      const slot = this.#sink.slot();
      const count = Math.min(slot.length - this.#filled, chunk.length - offset);
      if (this.#isWanted) slot.set(chunk.subarray(offset, offset + count), this.#filled);
      this.#filled += count;
      offset += count;
      if (this.#filled === slot.length) {
        this.#filled = 0;
        this.#sink.end(this.#isWanted);
      }
    }
  }
}
