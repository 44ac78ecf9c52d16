/** What rounding of the last bits may amount to, far above what it does. */
export const slack = 1e-9;

/** Squared distances of a probe to rows in steps of the code, and how far the true distance may be from that. */
export class CodedDistances {
  readonly #squared: Int32Array;
  readonly #step: number;
  readonly #error: number;

  /** `step`: what one step is worth, above 0; `error`: true distance and that of the codes differ by this at most. */
  constructor(squared: Int32Array, { step, error }: { step: number; error: number }) {
    this.#squared = squared;
    this.#step = step;
    this.#error = error;
  }

  /**
   * The rows nearest by code of two different people: not the nearest for certain, but near, and so a good bound for what can be. The
   * second is -1 where there is only one person.
   */
  nearestTwo(personOfRow: Int32Array): { readonly first: number; readonly second: number } {
    const squared = this.#squared;
    let [first, second, person] = [-1, -1, -1];
    let [lowest, next] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let row = 0; row < squared.length; row++) {
      const value = squared[row]!;
      if (value >= next) continue;
      const owner = personOfRow[row]!;
      if (value < lowest) {
        if (owner !== person) [second, next] = [first, lowest];
        [first, lowest, person] = [row, value, owner];
      } else if (owner !== person) {
        [second, next] = [row, value];
      }
    }
    return { first, second };
  }

  /** All rows whose true distance can be `limit` or less, in their order, and some that are a little further. None for NaN. */
  within(limit: number): number[] {
    const squared = this.#squared;
    const found: number[] = [];
    const far = limit + this.#error;
    if (!(far >= 0)) return found;
    const most = (far / this.#step) ** 2 * (1 + slack);
    for (let row = 0; row < squared.length; row++) if (squared[row]! <= most) found.push(row);
    return found;
  }
}
