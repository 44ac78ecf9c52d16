import { CodedDistances, slack } from "./coded-distances.ts";
import { kernelOf } from "./kernel.ts";
import { type CodedMemory, type Desk, openMemory } from "./memory.ts";

/** A search that another thread may do: `kernel(codes, rows, probe, out)` of `module` on `memory`. */
export interface ScanJob {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Addresses in bytes. */
  readonly codes: number;
  readonly rows: number;
  readonly probe: number;
  readonly out: number;
}

/** Runs the kernel elsewhere; false when that did not come to its end: then nothing writes there any more, or ever will. */
export interface Scanner {
  scan(job: ScanJob): Promise<boolean>;
}

/** Codes lie from -127 to 127. */
const largestCode = 127;
/** Room above the largest number so far: coding all rows anew is rare. */
const headroom = 1.25;
const initialRows = 64;

/**
 * Rows of numbers in one byte each, and how far a probe is from all of them: a first look that reads a quarter of the memory and computes
 * in whole numbers, after which only a few rows need a second one.
 *
 * Which ones is certain, by the triangle inequality: a row differs from its code, and the probe from its own, by lengths that are measured
 * when they are coded. So the true distance and the distance of the codes differ by no more than the two together.
 */
export class CodedRows {
  readonly dimension: number;
  readonly #module: WebAssembly.Module;
  #memory: CodedMemory;
  /** What one step of a code is worth. */
  #step = Number.MIN_VALUE;
  /** By how much each row differs from its code, and the most of all. */
  #errors = new Float64Array(initialRows);
  #rowError = 0;
  #version = 0;
  #isBesideBusy = false;

  /** `dimension`: numbers in a row, a multiple of 8 below 4,096. */
  constructor(dimension: number) {
    this.dimension = dimension;
    this.#module = new WebAssembly.Module(kernelOf(dimension));
    this.#memory = openMemory(this.#module, { dimension, capacity: initialRows });
  }

  /** Another number whenever a row has changed. */
  get version(): number {
    return this.#version;
  }

  /** Codes one row. False when its numbers do not fit: then `restart`, and all rows anew. */
  set(row: number, vector: Float32Array): boolean {
    if (!(largestOf(vector) <= this.#step * largestCode)) return false;
    this.setCutOff(row, vector);
    return true;
  }

  /** Codes one row whatever its numbers; those that do not fit are cut off, and the row is told apart less well. */
  setCutOff(row: number, vector: Float32Array): void {
    this.#reserve(row + 1);
    this.#version++;
    const error = code(vector, this.#step, this.#memory.codes.subarray(row * this.dimension));
    this.#errors[row] = error;
    this.#rowError = Math.max(this.#rowError, error);
  }

  /** Forgets all rows; from now on numbers as large as in this vector fit. */
  restart(vector: Float32Array): void {
    this.#memory.codes.fill(0);
    this.#step = ((largestOf(vector) || 1) * headroom) / largestCode;
    this.#rowError = 0;
    this.#version++;
  }

  /** Overwrites one row with another, and that with nothing. */
  move(from: number, to: number): void {
    const { dimension } = this;
    this.#version++;
    this.#memory.codes.copyWithin(to * dimension, from * dimension, (from + 1) * dimension);
    this.#memory.codes.fill(0, from * dimension, (from + 1) * dimension);
    this.#errors[to] = this.#errors[from]!;
  }

  /** How far the probe is from each of the first rows. Holds until the next call or change. */
  measure(probe: Float32Array, rows: number): CodedDistances {
    const { desks, kernel } = this.#memory;
    const error = code(probe, this.#step, desks.own.probe);
    const { codes, probe: probeAt, out } = this.#job(desks.own, rows);
    if (rows > 0) kernel(codes, rows, probeAt, out);
    return this.#distances(desks.own, { rows, error });
  }

  /** The least that the probe's true distance to single rows can be. Holds until the next call or change. */
  leastDistances(probe: Float32Array): (row: number) => number {
    const { desks, kernel } = this.#memory;
    const { squared } = desks.own;
    const error = code(probe, this.#step, desks.own.probe);
    const { codes, probe: probeAt, out } = this.#job(desks.own, 1);
    return (row) => {
      kernel(codes + row * this.dimension, 1, probeAt, out);
      const distance = Math.sqrt(squared[0]!) * this.#step;
      return Math.max(0, distance - (error + this.#errors[row]!) * (1 + slack) - distance * slack);
    };
  }

  /**
   * What `measure` gives, by another thread. Null when it failed, a row changed meanwhile or it is still busy with another probe. Holds until the next
   * call or change.
   */
  async measureBeside(probe: Float32Array, rows: number, scanner: Scanner): Promise<CodedDistances | null> {
    if (rows === 0 || this.#isBesideBusy) return null;
    const { beside } = this.#memory.desks;
    const error = code(probe, this.#step, beside.probe);
    const version = this.#version;
    this.#isBesideBusy = true;
    const isDone = await scanner.scan(this.#job(beside, rows)).finally(() => {
      this.#isBesideBusy = false;
    });
    return isDone && version === this.#version ? this.#distances(beside, { rows, error }) : null;
  }

  // --- internal ---

  #job({ probe, squared }: Desk, rows: number): ScanJob {
    const { memory, codes } = this.#memory;
    const at = { codes: codes.byteOffset, probe: probe.byteOffset, out: squared.byteOffset };
    return { module: this.#module, memory, rows, ...at };
  }

  #distances({ squared }: Desk, { rows, error }: { rows: number; error: number }): CodedDistances {
    return new CodedDistances(squared.subarray(0, rows), { step: this.#step, error: error + this.#rowError });
  }

  #reserve(rows: number): void {
    const before = this.#memory;
    if (rows <= before.capacity) return;
    this.#memory = openMemory(this.#module, { dimension: this.dimension, capacity: before.capacity * 2 });
    this.#memory.codes.set(before.codes);
    before.codes.fill(0);
    const errors = new Float64Array(this.#memory.capacity);
    errors.set(this.#errors);
    this.#errors = errors;
  }
}

// --- internal ---

function largestOf(vector: Float32Array): number {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Writes the nearest code of each number and gives the length of what is left over; numbers too large are cut off, which counts in it. */
function code(vector: Float32Array, step: number, target: Int8Array | Int16Array): number {
  let squared = 0;
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i]!;
    const nearest = Math.max(-largestCode, Math.min(largestCode, Math.round(value / step)));
    target[i] = nearest;
    squared += (value - nearest * step) ** 2;
  }
  return Math.sqrt(squared);
}
