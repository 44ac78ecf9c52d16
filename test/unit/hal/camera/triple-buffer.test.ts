import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../src/core/random.ts";
import {
  createTripleBufferMemory,
  type TakenSlot,
  TripleBufferReader,
  TripleBufferWriter,
} from "../../../../src/hal/camera/triple-buffer.ts";

const slotBytes = 8;

function pair() {
  const memory = createTripleBufferMemory(slotBytes);
  return { writer: new TripleBufferWriter(memory), reader: new TripleBufferReader(memory) };
}

function write(writer: TripleBufferWriter, sequence: number): void {
  writer.slot.fill(sequence & 0xff);
  writer.publish({ capturedAtMs: sequence * 10.5, sequence });
}

const isWhole = (taken: TakenSlot): boolean => taken.pixels.every((byte) => byte === (taken.sequence & 0xff));

describe("the triple buffer", () => {
  it("has nothing to take before the first picture", () => {
    expect(pair().reader.take()).toBeNull();
  });

  it("hands a picture out once, with its stamp", () => {
    const { writer, reader } = pair();
    write(writer, 7);
    expect(reader.take()).toMatchObject({ capturedAtMs: 73.5, sequence: 7 });
    expect(reader.take()).toBeNull();
  });

  it("hands out the newest of many pictures", () => {
    const { writer, reader } = pair();
    for (let i = 0; i < 5; i++) write(writer, i);
    expect(reader.take()?.sequence).toBe(4);
    expect(reader.take()).toBeNull();
  });

  it("never lets the writer touch what the reader holds, however many pictures follow", () => {
    const { writer, reader } = pair();
    write(writer, 1);
    const held = reader.take();
    for (let i = 2; i < 20; i++) write(writer, i);
    expect(held === null ? [] : [...held.pixels]).toEqual(Array(slotBytes).fill(1));
  });

  it("keeps what the reader holds while the writer is in the middle of a picture", () => {
    const { writer, reader } = pair();
    write(writer, 1);
    reader.take();
    write(writer, 2);
    writer.slot.fill(99);
    const taken = reader.take();
    writer.slot.fill(98);
    expect(taken !== null && isWhole(taken)).toBe(true);
    expect(taken?.sequence).toBe(2);
  });

  it.each([1, 2, 3, 4, 5])("stays whole, monotonic and newest under any interleaving (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const { writer, reader } = pair();
    let written = -1;
    let filled = 0;
    let held: TakenSlot | null = null;
    let lastTaken = -1;
    for (let step = 0; step < 5000; step++) {
      if (random() < 0.7) {
        // the writer fills a byte at a time, so that the reader may come in between
        writer.slot[filled++] = (written + 1) & 0xff;
        if (filled === slotBytes) {
          written++;
          filled = 0;
          writer.publish({ capturedAtMs: written, sequence: written });
        }
      } else {
        const taken = reader.take();
        if (taken === null) expect(lastTaken).toBe(written);
        else {
          expect(taken.sequence).toBe(written);
          expect(taken.sequence).toBeGreaterThan(lastTaken);
          lastTaken = taken.sequence;
          held = taken;
        }
      }
      if (held !== null && !isWhole(held)) throw new Error(`torn picture at step ${step}`);
    }
    expect(lastTaken).toBeGreaterThan(50);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses slots of %s bytes", (bytes) => {
    expect(() => createTripleBufferMemory(bytes)).toThrow(RangeError);
  });
});
