/** The templates of one embedder as one flat matrix, and the search for the two nearest people in it. */

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
}

/** Columns summed before the running sum is compared with the runner-up: 32 was the fastest of 16, 32 and 64. */
const blockColumns = 32;
const initialRows = 64;

/**
 * A person is as near as the nearest of their templates; averaging them would punish people who are well covered. Rows
 * are appended, and filled from the end when one is removed, so that the matrix stays dense.
 */
export class TemplateMatrix {
  readonly dimension: number;
  #vectors: Float32Array;
  #rowPerson = new Int32Array(initialRows);
  #rowTemplate = new Float64Array(initialRows);
  #rows = 0;
  /** Index to id; the index of a person who left is given to the next who comes. */
  readonly #ids: (string | undefined)[] = [];
  readonly #people = new Map<string, { readonly index: number; templates: number }>();

  /** `dimension`: numbers in a vector, a multiple of 32. */
  constructor(dimension = 128) {
    if (!Number.isInteger(dimension) || dimension <= 0 || dimension % blockColumns !== 0) {
      throw new RangeError(`dimension must be a positive multiple of ${blockColumns}, not ${dimension}`);
    }
    this.dimension = dimension;
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
  add({ personId, templateId, vector }: { personId: string; templateId: number; vector: Float32Array }): void {
    this.#check(vector);
    this.#reserve(this.#rows + 1);
    const person = this.#people.get(personId) ?? this.#enter(personId);
    person.templates++;
    this.#vectors.set(vector, this.#rows * this.dimension);
    this.#rowPerson[this.#rows] = person.index;
    this.#rowTemplate[this.#rows] = templateId;
    this.#rows++;
  }

  /** Forgets all templates of a person and overwrites their numbers. */
  removePerson(personId: string): void {
    const person = this.#people.get(personId);
    if (!person) return;
    for (let row = this.#rows - 1; row >= 0; row--) {
      if (this.#rowPerson[row] === person.index) this.#removeRow(row);
    }
    this.#people.delete(personId);
    this.#ids[person.index] = undefined;
  }

  /**
   * The nearest two different people, or null when the matrix is empty. Of two equally near templates the one in the
   * earlier row counts as first; the other, if it is another person's, is then second with the same distance.
   */
  top2(probe: Float32Array): Top2 | null {
    this.#check(probe);
    if (this.#rows === 0) return null;
    // Widened once: otherwise each number of the probe would be widened again for every row.
    const found = searchTop2(this.#vectors, Float64Array.from(probe), { rows: this.#rows, rowPerson: this.#rowPerson });
    const first = this.#match(found.firstRow, found.firstSquared);
    return { first, second: found.secondRow < 0 ? null : this.#match(found.secondRow, found.secondSquared) };
  }

  /**
   * The nearest two different people by a better distance than the matrix's own, exact: two people found by their own distance bound
   * what the second can be, so only rows within that bound and `maxGain` are refined.
   */
  refinedTop2(probe: Float32Array, { maxGain, distanceTo }: Refinement): Top2 | null {
    const seeds = this.top2(probe);
    if (seeds === null) return null;
    const refine = (match: Match): Match => ({ ...match, distance: distanceTo(match.templateId) });
    const bound =
      seeds.second === null
        ? Number.POSITIVE_INFINITY
        : Math.max(refine(seeds.first).distance, refine(seeds.second).distance) + maxGain;
    let first: Match | null = null;
    let second: Match | null = null;
    for (const row of this.#rowsWithin(probe, bound)) {
      const match = refine(this.#match(row, 0));
      if (first === null || match.distance < first.distance) {
        if (first !== null && first.personId !== match.personId) second = first;
        first = match;
      } else if (match.personId !== first.personId && (second === null || match.distance < second.distance)) {
        second = match;
      }
    }
    return first && { first, second };
  }

  // --- internal ---

  #check(vector: Float32Array): void {
    if (vector.length !== this.dimension) {
      throw new RangeError(`expected a vector of ${this.dimension} numbers, got ${vector.length}`);
    }
    if (!vector.every(Number.isFinite)) throw new RangeError("a vector must hold finite numbers");
  }

  /** Rows whose own distance is not above `limit`, in their order. */
  #rowsWithin(probe: Float32Array, limit: number): number[] {
    const { dimension } = this;
    // Rounding must not shut out a row that lies on the bound.
    const limitSquared = (limit + 1e-6) ** 2;
    const found: number[] = [];
    for (let row = 0; row < this.#rows; row++) {
      let squared = 0;
      const offset = row * dimension;
      for (let column = 0; column < dimension && squared <= limitSquared; ) {
        for (const end = column + blockColumns; column < end; column++) {
          const difference = this.#vectors[offset + column]! - probe[column]!;
          squared += difference * difference;
        }
      }
      if (squared <= limitSquared) found.push(row);
    }
    return found;
  }

  #enter(personId: string): { readonly index: number; templates: number } {
    const free = this.#ids.indexOf(undefined);
    const index = free < 0 ? this.#ids.length : free;
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
    this.#rowPerson[row] = this.#rowPerson[last]!;
    this.#rowTemplate[row] = this.#rowTemplate[last]!;
  }

  #reserve(rows: number): void {
    const capacity = this.#rowPerson.length;
    if (rows <= capacity) return;
    this.#vectors = grown(this.#vectors, new Float32Array(capacity * 2 * this.dimension));
    this.#rowPerson = grown(this.#rowPerson, new Int32Array(capacity * 2));
    this.#rowTemplate = grown(this.#rowTemplate, new Float64Array(capacity * 2));
  }

  #match(row: number, squared: number): Match {
    const personId = this.#ids[this.#rowPerson[row]!];
    if (personId === undefined) throw new Error("a template without a person");
    return { personId, templateId: this.#rowTemplate[row]!, distance: Math.sqrt(squared) };
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

interface Found {
  firstRow: number;
  firstSquared: number;
  secondRow: number;
  secondSquared: number;
}

/**
 * One pass over all rows. A row whose running sum reaches the runner-up's can change nothing and is left early. Four sums
 * run side by side, because one alone would wait for each addition in turn.
 */
function searchTop2(
  vectors: Float32Array,
  probe: Float64Array,
  { rows, rowPerson }: { rows: number; rowPerson: Int32Array },
): Found {
  const columns = probe.length;
  let firstRow = -1;
  let firstPerson = -1;
  let firstSquared = Number.POSITIVE_INFINITY;
  let secondRow = -1;
  let secondSquared = Number.POSITIVE_INFINITY;
  for (let row = 0, offset = 0; row < rows; row++, offset += columns) {
    let squared = 0;
    let column = 0;
    while (column < columns && squared < secondSquared) {
      const end = column + blockColumns;
      let sumA = 0;
      let sumB = 0;
      let sumC = 0;
      let sumD = 0;
      for (; column < end; column += 4) {
        const a = vectors[offset + column]! - probe[column]!;
        const b = vectors[offset + column + 1]! - probe[column + 1]!;
        const c = vectors[offset + column + 2]! - probe[column + 2]!;
        const d = vectors[offset + column + 3]! - probe[column + 3]!;
        sumA += a * a;
        sumB += b * b;
        sumC += c * c;
        sumD += d * d;
      }
      squared += sumA + sumB + (sumC + sumD);
    }
    if (squared >= secondSquared) continue;
    const person = rowPerson[row]!;
    if (squared < firstSquared) {
      if (person !== firstPerson) {
        secondRow = firstRow;
        secondSquared = firstSquared;
      }
      firstRow = row;
      firstPerson = person;
      firstSquared = squared;
    } else if (person !== firstPerson) {
      secondRow = row;
      secondSquared = squared;
    }
  }
  return { firstRow, firstSquared, secondRow, secondSquared };
}

function grown<T extends Float32Array | Float64Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  from.fill(0);
  return into;
}
