import type { Network } from "../../src/pipeline/engine.ts";

/** A network whose outputs a test computes from the input; it keeps a copy of every input it was given. */
export class NumberNetwork implements Network {
  readonly inputLayout = "nchw";
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly inputs: Float32Array[] = [];
  readonly #answer: (input: Float32Array, call: number) => Record<string, Float32Array>;

  constructor(side: number, answer: (input: Float32Array, call: number) => Record<string, Float32Array>) {
    this.inputWidth = side;
    this.inputHeight = side;
    this.#answer = answer;
  }

  async run(input: Float32Array): Promise<Readonly<Record<string, Float32Array>>> {
    this.inputs.push(Float32Array.from(input));
    // Answers a turn of the event loop later from what the buffer holds then, as an engine on another thread may.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#answer(input, this.inputs.length - 1);
  }
}
