/**
 * Three picture slots in shared memory between one writer and one reader in different threads. At any time one slot belongs
 * to the writer (`back`), one to the reader (`front`) and one lies between them (`middle`). Each side gives its slot away and
 * gets the middle one in a single atomic exchange, so no slot ever has two owners: the writer never waits, the reader always
 * gets the newest complete picture, and what the reader holds stays untouched until it takes the next one.
 */

const fresh = 4;
const slotMask = 3;
const headerBytes = 64;
const idleAt = 4;
const stampsAt = 8;
const sequencesAt = 32;

export interface TripleBufferMemory {
  readonly shared: SharedArrayBuffer;
  /** Bytes of one picture. */
  readonly slotBytes: number;
}

/** What travels with the pixels of a slot. */
export interface SlotStamp {
  readonly capturedAtMs: number;
  readonly sequence: number;
}

export interface TakenSlot extends SlotStamp {
  readonly pixels: Uint8Array;
}

/** Allocates the memory; the writer starts with slot 0, the middle is slot 1 (empty), the reader starts with slot 2. */
export function createTripleBufferMemory(slotBytes: number): TripleBufferMemory {
  if (!Number.isSafeInteger(slotBytes) || slotBytes <= 0) throw new RangeError("slotBytes must be a positive integer");
  const shared = new SharedArrayBuffer(headerBytes + 3 * slotBytes);
  Atomics.store(new Int32Array(shared, 0, 1), 0, 1);
  return { shared, slotBytes };
}

interface Views {
  readonly middle: Int32Array;
  /** One number, of the reader's: not zero while it is idle. */
  readonly idle: Int32Array;
  readonly stamps: Float64Array;
  readonly sequences: Int32Array;
  readonly slots: readonly Uint8Array[];
}

function viewsOf({ shared, slotBytes }: TripleBufferMemory): Views {
  return {
    middle: new Int32Array(shared, 0, 1),
    idle: new Int32Array(shared, idleAt, 1),
    stamps: new Float64Array(shared, stampsAt, 3),
    sequences: new Int32Array(shared, sequencesAt, 3),
    slots: [0, 1, 2].map((i) => new Uint8Array(shared, headerBytes + i * slotBytes, slotBytes)),
  };
}

/** The writer's end; exactly one per memory. */
export class TripleBufferWriter {
  readonly #views: Views;
  #back = 0;

  constructor(memory: TripleBufferMemory) {
    this.#views = viewsOf(memory);
  }

  /** The slot to fill; it changes with every `publish`. */
  get slot(): Uint8Array {
    return this.#views.slots[this.#back]!;
  }

  /** The reader does not need every picture at present. */
  get isReaderIdle(): boolean {
    return Atomics.load(this.#views.idle, 0) !== 0;
  }

  /** Makes the filled slot the newest picture; one that the reader did not take before is lost, as it should be. */
  publish(stamp: SlotStamp): void {
    this.#views.stamps[this.#back] = stamp.capturedAtMs;
    this.#views.sequences[this.#back] = stamp.sequence;
    this.#back = Atomics.exchange(this.#views.middle, 0, this.#back | fresh) & slotMask;
  }
}

/** The reader's end; exactly one per memory. */
export class TripleBufferReader {
  readonly #views: Views;
  #front = 2;

  constructor(memory: TripleBufferMemory) {
    this.#views = viewsOf(memory);
  }

  /** Tells the writer; until then it is not. */
  setIdle(isIdle: boolean): void {
    Atomics.store(this.#views.idle, 0, isIdle ? 1 : 0);
  }

  /** The newest picture not taken yet, or null. Its pixels stay as they are until the next call that returns a picture. */
  take(): TakenSlot | null {
    const { middle, slots, stamps, sequences } = this.#views;
    if ((Atomics.load(middle, 0) & fresh) === 0) return null;
    this.#front = Atomics.exchange(middle, 0, this.#front) & slotMask;
    const front = this.#front;
    return { pixels: slots[front]!, capturedAtMs: stamps[front]!, sequence: sequences[front]! };
  }
}
