/** The templates of one embedder as one flat matrix, and the search for the two nearest people in it. */

import type { CodedDistances } from "./coded/coded-distances.ts";
import { CodedRows, type Scanner } from "./coded/coded-rows.ts";
import { blockColumns, nearestTwo, squaredWithin } from "./nearest-two.ts";
import { type Bounded, refinedTwo } from "./refined-two.ts";

export interface Match {
  readonly personId: string;
  readonly templateId: number;
  /** Euclidean distance, not squared. */
  readonly distance: number;
}

/** The best template of the nearest person, and the best template of the nearest *other* person. */
export interface Top2 {
  readonly first: Match;
  readonly second: Match | null;
}

/** A better distance than the matrix can tell, for rows that may matter. */
export interface Refinement {
  /** The better distance is at most this much below the matrix's own. */
  readonly maxGain: number;
  /** The better distance of the probe to one template. */
  distanceTo(templateId: number): number;
  /** The probe's second vector, where it has one. */
  readonly second?: Float32Array | null;
  /** The least that the better distance can be where the matrix's own is `own` and that of the second vectors at least `second`. */
  leastDistance?(own: number, second: number | null): number;
}

/** A template as it is put in. */
export interface MatrixRow {
  readonly personId: string;
  readonly templateId: number;
  readonly vector: Float32Array;
  /** A vector of another embedder, by which a better distance is bounded. All have the same length, a multiple of 32. */
  readonly second?: Float32Array | null;
}

const initialRows = 64;

/**
 * A person is as near as the nearest of their templates; averaging them would punish people who are well covered. Rows
 * are appended, and filled from the end when one is removed, so that the matrix stays dense.
 *
 * Every row is kept twice: as it is, and coded in a byte a number. A search goes over the codes and then looks at the few rows themselves
 * that the codes leave open, so that it finds the same as a search over all of them.
 */
export class TemplateMatrix {
  readonly dimension: number;
  readonly #coded: CodedRows;
  #vectors: Float32Array;
  #personOfRow = new Int32Array(initialRows);
  #rowTemplate = new Float64Array(initialRows);
  /** Codes of the second vectors, and which rows have one. */
  #second: CodedRows | null = null;
  #hasSecond = new Int32Array(initialRows);
  #rows = 0;
  /** Index to id; the index of a person who left is given to the next who comes. */
  readonly #ids: (string | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #people = new Map<string, { readonly index: number; templates: number }>();
  #ahead: { readonly probe: Float32Array; readonly version: number; readonly distances: CodedDistances } | null = null;

  /** `dimension`: numbers in a vector, a multiple of 32 below 4,096. */
  constructor(dimension = 128) {
    if (!Number.isInteger(dimension) || dimension <= 0 || dimension % blockColumns !== 0 || dimension >= 4096) {
      throw new RangeError(`dimension must be a positive multiple of ${blockColumns} below 4096, not ${dimension}`);
    }
    this.dimension = dimension;
    this.#coded = new CodedRows(dimension);
    this.#vectors = new Float32Array(initialRows * dimension);
  }

  /** Number of templates. */
  get templates(): number {
    return this.#rows;
  }

  /** Number of people with at least one template. */
  get people(): number {
    return this.#people.size;
  }

  /** Appends one template. Throws a RangeError for a vector of the wrong length or with a number that is not finite. */
  add({ personId, templateId, vector, second = null }: MatrixRow): void {
    this.#check(vector);
    this.#reserve(this.#rows + 1);
    const person = this.#people.get(personId) ?? this.#enter(personId);
    person.templates++;
    this.#vectors.set(vector, this.#rows * this.dimension);
    this.#personOfRow[this.#rows] = person.index;
    this.#rowTemplate[this.#rows] = templateId;
    this.#rows++;
    if (!this.#coded.set(this.#rows - 1, vector)) this.#codeAnew(vector);
    this.#addSecond(this.#rows - 1, second);
  }

  /** Forgets all templates of a person and overwrites their numbers. */
  removePerson(personId: string): void {
    const person = this.#people.get(personId);
    if (!person) return;
    for (let row = this.#rows - 1; row >= 0; row--) {
      if (this.#personOfRow[row] === person.index) this.#removeRow(row);
    }
    this.#people.delete(personId);
    this.#ids[person.index] = undefined;
    this.#free.push(person.index);
  }

  /**
   * The nearest two different people, or null when the matrix is empty. Of two equally near templates the one in the
   * earlier row counts as first; the other, if it is another person's, is then second with the same distance.
   */
  top2(probe: Float32Array): Top2 | null {
    this.#check(probe);
    if (this.#rows === 0) return null;
    const distances = this.#measure(probe);
    const seeds = this.#seeds(distances);
    const bound = Math.max(...seeds.map((row) => this.#distance(row, probe)));
    const found = nearestTwo(
      { vectors: this.#vectors, personOfRow: this.#personOfRow },
      { probe, rows: distances.within(bound) },
    );
    const first = this.#match(found.firstRow, Math.sqrt(found.firstSquared));
    return { first, second: found.secondRow < 0 ? null : this.#match(found.secondRow, Math.sqrt(found.secondSquared)) };
  }

  /**
   * The nearest two different people by a better distance than the matrix's own, exact: two people found by their own distance bound
   * what the second can be, so only rows within that bound and `maxGain` matter, and of those only the ones that can be near by both
   * vectors are refined.
   */
  refinedTop2(probe: Float32Array, refinement: Refinement): Top2 | null {
    const { maxGain, distanceTo } = refinement;
    this.#check(probe);
    if (this.#rows === 0) return null;
    const refine = (row: number) => distanceTo(this.#rowTemplate[row]!);
    const distances = this.#measure(probe);
    const seeds = this.#seeds(distances);
    // No second is further than this. Rounding must not shut out what lies on it.
    const furthest = seeds.length < 2 ? Number.POSITIVE_INFINITY : Math.max(...seeds.map(refine)) + 1e-6;
    const leastOf = this.#leastDistances(probe, refinement);
    const rows: Bounded[] = [];
    for (const row of distances.within(furthest + maxGain)) {
      const least = leastOf(row);
      if (least <= furthest) rows.push({ row, least });
    }
    const found = refinedTwo(rows, { refine, personOf: (row) => this.#personOfRow[row]! });
    if (found === null) return null;
    const { first, second } = found;
    return {
      first: this.#match(first.row, first.distance),
      second: second && this.#match(second.row, second.distance),
    };
  }

  /**
   * Has another thread look at the codes, for the next search with this probe. Only that is saved: should the thread fail, or a template
   * come or go meanwhile, the search looks for itself.
   */
  async lookAhead(probe: Float32Array, scanner: Scanner): Promise<void> {
    this.#check(probe);
    this.#ahead = null;
    const distances = await this.#coded.measureBeside(probe, this.#rows, scanner);
    this.#ahead = distances && { probe, version: this.#coded.version, distances };
  }

  // --- internal ---

  #check(vector: Float32Array): void {
    if (vector.length !== this.dimension) {
      throw new RangeError(`expected a vector of ${this.dimension} numbers, got ${vector.length}`);
    }
    if (!vector.every(Number.isFinite)) throw new RangeError("a vector must hold finite numbers");
  }

  #measure(probe: Float32Array): CodedDistances {
    const ahead = this.#ahead;
    this.#ahead = null;
    const isSame = ahead?.version === this.#coded.version && ahead.probe.every((value, i) => value === probe[i]);
    return isSame ? ahead.distances : this.#coded.measure(probe, this.#rows);
  }

  /** Rows of two different people, near by their codes; one row where there is only one person. */
  #seeds(distances: CodedDistances): number[] {
    const { first, second } = distances.nearestTwo(this.#personOfRow);
    return second < 0 ? [first] : [first, second];
  }

  #distance(row: number, probe: Float32Array): number {
    return Math.sqrt(squaredWithin(this.#vectors, { row, probe, limit: Number.POSITIVE_INFINITY }));
  }

  /** The least that a row's better distance can be. */
  #leastDistances(probe: Float32Array, refinement: Refinement): (row: number) => number {
    const { maxGain, second = null, leastDistance = (own: number) => own - maxGain } = refinement;
    const secondTo = second?.length === this.#second?.dimension ? second && this.#second?.leastDistances(second) : null;
    return (row) => {
      const isBounded = secondTo && this.#hasSecond[row] === 1;
      return leastDistance(this.#distance(row, probe), isBounded ? secondTo(row) : null);
    };
  }

  #addSecond(row: number, second: Float32Array | null): void {
    this.#hasSecond[row] = 0;
    if (second === null) return;
    if (this.#second === null) {
      this.#second = new CodedRows(second.length);
      this.#second.restart(second);
    }
    if (second.length !== this.#second.dimension || !second.every(Number.isFinite)) return;
    this.#second.setCutOff(row, second);
    this.#hasSecond[row] = 1;
  }

  /** A number is larger than any before it. */
  #codeAnew(largest: Float32Array): void {
    this.#coded.restart(largest);
    for (let row = 0; row < this.#rows; row++) {
      const vector = this.#vectors.subarray(row * this.dimension, (row + 1) * this.dimension);
      if (!this.#coded.set(row, vector)) throw new Error("cannot happen: the largest number fits");
    }
  }

  #enter(personId: string): { readonly index: number; templates: number } {
    const index = this.#free.pop() ?? this.#ids.length;
    this.#ids[index] = personId;
    const person = { index, templates: 0 };
    this.#people.set(personId, person);
    return person;
  }

  #removeRow(row: number): void {
    const { dimension } = this;
    const last = --this.#rows;
    this.#vectors.copyWithin(row * dimension, last * dimension, (last + 1) * dimension);
    this.#vectors.fill(0, last * dimension, (last + 1) * dimension);
    this.#coded.move(last, row);
    if (this.#hasSecond[row] === 1 || this.#hasSecond[last] === 1) this.#second?.move(last, row);
    this.#hasSecond[row] = this.#hasSecond[last]!;
    this.#personOfRow[row] = this.#personOfRow[last]!;
    this.#rowTemplate[row] = this.#rowTemplate[last]!;
  }

  #reserve(rows: number): void {
    const capacity = this.#personOfRow.length;
    if (rows <= capacity) return;
    this.#vectors = grown(this.#vectors, new Float32Array(capacity * 2 * this.dimension));
    this.#personOfRow = grown(this.#personOfRow, new Int32Array(capacity * 2));
    this.#rowTemplate = grown(this.#rowTemplate, new Float64Array(capacity * 2));
    this.#hasSecond = grown(this.#hasSecond, new Int32Array(capacity * 2));
  }

  #match(row: number, distance: number): Match {
    const personId = this.#ids[this.#personOfRow[row]!];
    if (personId === undefined) throw new Error("a template without a person");
    return { personId, templateId: this.#rowTemplate[row]!, distance };
  }
}

/** Euclidean distance of two vectors of one length, not squared. */
export function euclidean(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} numbers cannot be compared`);
  let squared = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    squared += difference * difference;
  }
  return Math.sqrt(squared);
}

// --- internal ---

function grown<T extends Float32Array | Float64Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  from.fill(0);
  return into;
}
