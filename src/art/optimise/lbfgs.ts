/** A function of many numbers at a place. */
export interface Evaluated {
  readonly value: number;
  /** The optimiser's own from here on. */
  readonly gradient: Float32Array;
}

export interface LbfgsParts {
  evaluate(place: Float32Array): Promise<Evaluated>;
  /** Lowest and highest value; the numbers are cut into as many equal parts as there are bounds. */
  readonly bounds: readonly (readonly [low: number, high: number])[];
  /** Root mean square of the first move, when nothing is known about the curvature. */
  readonly firstMove: number;
  /** No move is longer (root mean square). */
  readonly longestMove: number;
}

/** How a step ended: lower; nowhere lower to go; or at values that were no numbers. */
export type LbfgsOutcome = "lower" | "settled" | "no number";

/** How many moves the curvature is learnt from. */
const memory = 10;
const maxTrials = 20;
/** What must be gained, of what the slope promises (Armijo). */
const leastGain = 1e-4;
/** A pair says something about curvature when its cosine is above this. */
const leastCosine = 1e-8;

/**
 * Limited-memory BFGS (Nocedal 1980; two-loop recursion, Nocedal & Wright, algorithm 7.4) within bounds: numbers at a bound that the
 * slope pushes against stay there. Each step goes down the learnt direction as far as Armijo's condition allows; values that are no
 * numbers count as too far. A place and the moves behind it are all it needs to go on exactly where it was.
 */
export class Lbfgs {
  readonly #parts: LbfgsParts;
  readonly #place: Float32Array;
  readonly #moves: Float32Array[] = [];
  readonly #changes: Float32Array[] = [];
  #here: Evaluated | undefined;

  /** `place` is changed by each step. `history`: as it was given out. */
  constructor(parts: LbfgsParts, place: Float32Array, history: readonly Float32Array[] = []) {
    this.#parts = parts;
    this.#place = place;
    for (const [index, array] of history.entries()) (index % 2 === 0 ? this.#moves : this.#changes).push(array);
  }

  /** The last moves and the changes of the gradient over them, in turns, the oldest first. */
  get history(): readonly Float32Array[] {
    return this.#moves.flatMap((move, index) => [move, this.#changes[index] ?? move]);
  }

  async step(): Promise<LbfgsOutcome> {
    this.#here ??= await this.#parts.evaluate(this.#place);
    if (!Number.isFinite(this.#here.value)) return "no number";
    const outcome = await this.#search(this.#here);
    if (outcome === "lower" || this.#moves.length === 0) return outcome;
    // What was learnt may mislead here: once more, straight down the slope.
    this.#forget();
    return this.#search(this.#here);
  }

  // --- internal ---

  /** Halves the move until it is as good as the slope promises. */
  async #search(here: Evaluated): Promise<LbfgsOutcome> {
    const direction = this.#direction(here.gradient);
    const slope = dot(here.gradient, direction);
    if (!(slope < 0)) return "settled";
    const length = Math.sqrt(dot(direction, direction) / direction.length);
    const { firstMove, longestMove } = this.#parts;
    let part = Math.min(this.#moves.length === 0 ? firstMove / length : 1, longestMove / length);
    let numbers = 0;
    for (let trial = 0; trial < maxTrials; trial++) {
      const move = this.#move(direction, part);
      if (dot(move, move) === 0) break;
      const there = await this.#parts.evaluate(sum(this.#place, move));
      const gain = there.value - here.value;
      if (!Number.isFinite(gain)) {
        part /= 4;
        continue;
      }
      numbers++;
      if (gain <= leastGain * dot(here.gradient, move) && gain < 0) {
        this.#accept(move, here, there);
        return "lower";
      }
      // The lowest place of the parabola through what is known, within reason.
      const lowest = (-slope * part ** 2) / (2 * (gain - slope * part));
      part = Math.min(part / 2, Math.max(part / 10, Number.isFinite(lowest) ? lowest : 0));
    }
    return numbers === 0 ? "no number" : "settled";
  }

  /** Down the slope, as the curvature behind it suggests. */
  #direction(gradient: Float32Array): Float32Array {
    const direction = gradient.slice();
    this.#holdAtBounds(direction, gradient);
    const alphas: number[] = [];
    for (let i = this.#moves.length - 1; i >= 0; i--) {
      const [move, change] = [this.#moves[i]!, this.#changes[i]!];
      const alpha = dot(move, direction) / dot(move, change);
      alphas[i] = alpha;
      addTimes(direction, change, -alpha);
    }
    const [move, change] = [this.#moves.at(-1), this.#changes.at(-1)];
    if (move !== undefined && change !== undefined) scale(direction, dot(move, change) / dot(change, change));
    for (let i = 0; i < this.#moves.length; i++) {
      const [move, change] = [this.#moves[i]!, this.#changes[i]!];
      addTimes(direction, move, alphas[i]! - dot(change, direction) / dot(move, change));
    }
    scale(direction, -1);
    this.#holdAtBounds(direction, gradient);
    return direction;
  }

  /** No direction for numbers at a bound that would go beyond it. */
  #holdAtBounds(direction: Float32Array, gradient: Float32Array): void {
    this.#eachBound((i, low, high) => {
      const value = this.#place[i]!;
      if ((value <= low && gradient[i]! > 0) || (value >= high && gradient[i]! < 0)) direction[i] = 0;
    });
  }

  #move(direction: Float32Array, part: number): Float32Array {
    const move = new Float32Array(direction.length);
    this.#eachBound((i, low, high) => {
      const value = this.#place[i]!;
      move[i] = Math.min(high, Math.max(low, value + part * direction[i]!)) - value;
    });
    return move;
  }

  #eachBound(visit: (index: number, low: number, high: number) => void): void {
    const each = this.#place.length / this.#parts.bounds.length;
    for (const [part, [low, high]] of this.#parts.bounds.entries()) {
      for (let i = part * each; i < (part + 1) * each; i++) visit(i, low, high);
    }
  }

  #accept(move: Float32Array, here: Evaluated, there: Evaluated): void {
    this.#place.set(sum(this.#place, move));
    this.#here = there;
    const change = there.gradient.map((value, i) => value - here.gradient[i]!);
    const curvature = dot(move, change);
    if (!(curvature > leastCosine * Math.sqrt(dot(move, move) * dot(change, change)))) return;
    this.#moves.push(move);
    this.#changes.push(change);
    if (this.#moves.length <= memory) return;
    this.#moves.shift();
    this.#changes.shift();
  }

  #forget(): void {
    this.#moves.length = 0;
    this.#changes.length = 0;
  }
}

// --- internal ---

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function sum(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + b[i]!);
}

function addTimes(values: Float32Array, others: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i]! += factor * others[i]!;
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i]! *= factor;
}
