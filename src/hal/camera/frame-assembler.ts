/** Cuts a byte stream into frames of a fixed size, writing straight into the slots it is given. */
export class FrameAssembler {
  readonly #currentSlot: () => Uint8Array;
  readonly #onFrame: () => void;
  #filled = 0;

  /** `currentSlot` is asked again after each `onFrame`; the slots must all have one size. */
  constructor(currentSlot: () => Uint8Array, onFrame: () => void) {
    this.#currentSlot = currentSlot;
    this.#onFrame = onFrame;
  }

  /** Bytes of an unfinished frame. */
  get pendingBytes(): number {
    return this.#filled;
  }

  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      const slot = this.#currentSlot();
      const count = Math.min(slot.length - this.#filled, chunk.length - offset);
      slot.set(chunk.subarray(offset, offset + count), this.#filled);
      this.#filled += count;
      offset += count;
      if (this.#filled === slot.length) {
        this.#filled = 0;
        this.#onFrame();
      }
    }
  }
}
