import type { RgbImage } from "../../pipeline/types.ts";

const maxHeaderBytes = 64;
const maxPixels = 50_000_000;

/**
 * Cuts a byte stream into binary PPM pictures (P6, 8 bit), which carry their own size.
 * Throws a RangeError when the bytes are no such stream.
 */
export class PpmStream {
  readonly #images: RgbImage[] = [];
  #header = "";
  #current: { readonly rgb: Uint8Array; readonly width: number; readonly height: number; filled: number } | undefined;

  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      offset = this.#current === undefined ? this.#readHeader(chunk, offset) : this.#readPixels(chunk, offset);
    }
  }

  /** The oldest complete picture not shifted yet. */
  shift(): RgbImage | undefined {
    return this.#images.shift();
  }

  #readHeader(chunk: Uint8Array, start: number): number {
    let offset = start;
    while (offset < chunk.length) {
      this.#header += String.fromCharCode(chunk[offset++]!);
      const size = /^P6\s+(\d+)\s+(\d+)\s+255\s$/.exec(this.#header);
      if (size !== null) {
        this.#begin(Number(size[1]), Number(size[2]));
        return offset;
      }
      if (this.#header.length > maxHeaderBytes) throw new RangeError("not a stream of PPM pictures");
    }
    return offset;
  }

  #begin(width: number, height: number): void {
    if (width * height === 0 || width * height > maxPixels) throw new RangeError(`a picture of ${width}x${height}`);
    this.#header = "";
    this.#current = { rgb: new Uint8Array(width * height * 3), width, height, filled: 0 };
  }

  #readPixels(chunk: Uint8Array, offset: number): number {
    const current = this.#current!;
    const count = Math.min(current.rgb.length - current.filled, chunk.length - offset);
    current.rgb.set(chunk.subarray(offset, offset + count), current.filled);
    current.filled += count;
    if (current.filled === current.rgb.length) {
      this.#images.push({ rgb: current.rgb, width: current.width, height: current.height });
      this.#current = undefined;
    }
    return offset + count;
  }
}
