import { pageBytes } from "../../core/wasm/assembler.ts";
import { type KernelRow, kernelConstants, openAdamKernel } from "./adam-kernel.ts";

/** One memory with all that a step of Adam reads and writes. */
export interface AdamDesk {
  readonly constants: Float32Array;
  /** Four parts of the sum of squared differences of neighbours. */
  readonly sums: Float32Array;
  /** The row above as it was before the step. */
  readonly above: Float32Array;
  /** Of one plane. */
  readonly gradient: Float32Array;
  readonly pixels: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  run(row: KernelRow): void;
}

/** Throws a RangeError when there is no such memory. */
export function openDesk({ width, height, planes }: { width: number; height: number; planes: number }): AdamDesk {
  const plane = width * height;
  let end = 0;
  /** One after another, each with room behind it for the four numbers that are taken at once. */
  const place = (length: number) => {
    const start = end;
    end += 16 * Math.ceil((length + 4) / 4);
    return { start, length };
  };
  const [constants, inRow, hasRight, sums] = [place(kernelConstants.length), place(4), place(4), place(4)];
  const [above, gradient] = [place(width), place(plane)];
  const [pixels, firstMoment, secondMoment] = [place(planes * plane), place(planes * plane), place(planes * plane)];
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / pageBytes) });
  const plan = {
    ...{ constants: constants.start, inRow: inRow.start, hasRight: hasRight.start, sums: sums.start },
    toFirstMoment: firstMoment.start - pixels.start,
    toSecondMoment: secondMoment.start - pixels.start,
  };
  const last = width - 4 * (Math.ceil(width / 4) - 1);
  new Int32Array(memory.buffer, inRow.start, 4).fill(-1, 0, last);
  new Int32Array(memory.buffer, hasRight.start, 4).fill(-1, 0, last - 1);
  const floats = (of: typeof above) => new Float32Array(memory.buffer, of.start, of.length);
  return {
    constants: floats(constants),
    sums: floats(sums),
    above: floats(above),
    gradient: floats(gradient),
    pixels: floats(pixels),
    firstMoment: floats(firstMoment),
    secondMoment: floats(secondMoment),
    run: openAdamKernel(plan, memory),
  };
}
