import type { Network } from "./engine.ts";
import type { Border, PixelTarget } from "./resample.ts";

/** What a network does to each colour channel of its input: `value * scale + offset`. */
export interface InputRange {
  readonly scale: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
}

/**
 * The one input buffer of a network. Runs wait for each other, because the buffer must not be filled anew before the network
 * has read it.
 */
export class NetworkInput {
  readonly target: PixelTarget;
  readonly #network: Network;
  #last: Promise<unknown> = Promise.resolve();

  constructor(network: Network, range: InputRange, border: Border = "black") {
    this.#network = network;
    this.target = {
      data: new Float32Array(network.inputWidth * network.inputHeight * 3),
      width: network.inputWidth,
      height: network.inputHeight,
      layout: network.inputLayout,
      scale: range.scale,
      offset: range.offset,
      border,
    };
  }

  /** Calls `fill` when the buffer is free, then runs the network once on what it left there. */
  run(fill: (target: PixelTarget) => void): Promise<Readonly<Record<string, Float32Array>>> {
    const result = this.#last.then(() => {
      fill(this.target);
      return this.#network.run(this.target.data);
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** An output by its name, checked for its length: a wrong one means a wrong model file, which nobody may go on with. */
export function outputOf(outputs: Readonly<Record<string, Float32Array>>, name: string, length: number): Float32Array {
  const values = outputs[name];
  if (values?.length !== length) {
    throw new Error(`the network gave ${values?.length ?? "no"} numbers as "${name}", expected ${length}`);
  }
  return values;
}
