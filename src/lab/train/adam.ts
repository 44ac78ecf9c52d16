import * as tf from "@tensorflow/tfjs-core";

/** What Adam remembers of the steps so far: the running means of the slopes and of their squares, one array for each variable. */
export interface AdamMemory {
  readonly means: readonly Float32Array[];
  readonly squares: readonly Float32Array[];
}

const meanDecay = 0.9;
const squareDecay = 0.999;
const epsilon = 1e-7;

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980) with a memory that can be written down and restored to the last bit. The library's own, whose
 * arithmetic this is, restores its correction for the first steps by a power where it came from products, and so goes on a little elsewhere.
 */
export class Adam {
  readonly #variables: readonly tf.Variable[];
  readonly #means: tf.Variable[];
  readonly #squares: tf.Variable[];
  /** Powers of the decays, in the 32 bits of the tensors. */
  #meanPower = Math.fround(meanDecay);
  #squarePower = Math.fround(squareDecay);

  constructor(variables: readonly tf.Variable[]) {
    this.#variables = variables;
    this.#means = variables.map(zerosLike);
    this.#squares = variables.map(zerosLike);
  }

  /** One step; gradients by the names of the variables. */
  apply(gradients: tf.NamedTensorMap, learningRate: number): void {
    tf.tidy(() => {
      const correctMean = tf.scalar(1 - this.#meanPower);
      const correctSquare = tf.scalar(1 - this.#squarePower);
      this.#variables.forEach((variable, i) => {
        const gradient = gradients[variable.name];
        const [mean, square] = [this.#means[i], this.#squares[i]];
        if (!gradient || !mean || !square) throw new Error(`cannot happen: no gradient of ${variable.name}`);
        mean.assign(tf.add(tf.mul(mean, meanDecay), tf.mul(gradient, 1 - meanDecay)));
        square.assign(tf.add(tf.mul(square, squareDecay), tf.mul(tf.square(gradient), 1 - squareDecay)));
        const length = tf.add(tf.sqrt(tf.div(square, correctSquare)), epsilon);
        const step = tf.mul(tf.div(tf.div(mean, correctMean), length), -learningRate);
        variable.assign(tf.add(step, variable));
      });
    });
    this.#decay();
  }

  memory(): AdamMemory {
    return { means: valuesOf(this.#means), squares: valuesOf(this.#squares) };
  }

  /** Back to where it was after so many steps. */
  restore({ means, squares }: AdamMemory, steps: number): void {
    assignAll(this.#means, means);
    assignAll(this.#squares, squares);
    this.#meanPower = Math.fround(meanDecay);
    this.#squarePower = Math.fround(squareDecay);
    for (let step = 0; step < steps; step++) this.#decay();
  }

  dispose(): void {
    tf.dispose([...this.#means, ...this.#squares]);
  }

  #decay(): void {
    this.#meanPower = Math.fround(this.#meanPower * Math.fround(meanDecay));
    this.#squarePower = Math.fround(this.#squarePower * Math.fround(squareDecay));
  }
}

/** The numbers of variables, copied. */
export function valuesOf(variables: readonly tf.Variable[]): Float32Array[] {
  return variables.map((variable) => Float32Array.from(variable.dataSync()));
}

/** Throws a RangeError when they are not as many as the variables hold. */
export function assignAll(variables: readonly tf.Variable[], values: readonly Float32Array[]): void {
  tf.tidy(() => {
    for (const [i, variable] of variables.entries()) {
      const own = values[i];
      if (own?.length !== variable.size || values.length !== variables.length) {
        throw new RangeError("these weights are of another network");
      }
      variable.assign(tf.tensor(own, variable.shape));
    }
  });
}

// --- internal ---

function zerosLike(variable: tf.Variable): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros(variable.shape), false));
}
