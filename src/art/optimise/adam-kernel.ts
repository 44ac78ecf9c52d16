import { type Code, get, i32, moduleOf, repeatWhile, set, tee, v128, when } from "../../core/wasm/assembler.ts";

/** Where the kernel finds what it needs, in bytes. */
export interface KernelPlan {
  /** The constants of the step: `kernelConstants` numbers. */
  readonly constants: number;
  /** Sixteen bytes each: ones in the lanes of a row's last four pixels that are in the row, and that have a neighbour to the right. */
  readonly inRow: number;
  readonly hasRight: number;
  /** Four sums of squared differences, which are added to. */
  readonly sums: number;
  /** From a pixel to its moments. */
  readonly toFirstMoment: number;
  readonly toSecondMoment: number;
}

/** In this order; `pull` is twice the weight of the total variation, `gain` the rate with the moments' correction. */
export const kernelConstants = [
  ...["low", "high", "pull", "gain"],
  ...["firstDecay", "firstShare", "secondDecay", "secondShare", "epsilon"],
] as const;

/**
 * One row of `adamStep`: `run(pixels, below, above, gradient, fours)`, four pixels at a time, `fours` times, and then the last one to four
 * of the row. `below` is the row under it or, in the last one, the row itself; `above` holds the one over it as it was before the step, and
 * then this one. In JavaScript it would be
 *
 *     for (let x = 0, left = pixels[0]; x < width; x++) {
 *       const here = pixels[x];
 *       const [toRight, toBelow] = [here - (pixels[x + 1] ?? here), here - below[x]];
 *       sums += toRight ** 2 + toBelow ** 2;
 *       const g = gradient[x] + pull * (toRight + toBelow + (here - left) + (here - above[x]));
 *       firstMoment[x] = firstDecay * firstMoment[x] + firstShare * g;
 *       secondMoment[x] = secondDecay * secondMoment[x] + secondShare * g * g;
 *       const moved = here - (gain * firstMoment[x]) / (Math.sqrt(secondMoment[x]) + epsilon);
 *       pixels[x] = moved < low ? low : moved > high ? high : moved;
 *       left = above[x] = here;
 *     }
 */
export function adamKernel(plan: KernelPlan): Uint8Array<ArrayBuffer> {
  const constants = kernelConstants.map((_, index) => [
    get(zero),
    v128.loadI32Splat(plan.constants + 4 * index),
    set(low + index),
  ]);
  const start = [
    ...constants.flat(),
    ...[get(zero), v128.load(plan.sums), set(sum)],
    // To the left of the first pixel is, as its neighbour, the pixel itself.
    ...[get(pixels), v128.loadI32Splat(0), set(before)],
  ];
  const forward = [pixels, below, above, gradient].map((at) => [get(at), i32.constant(16), i32.add, set(at)]);
  const next = [...forward.flat(), get(fours), i32.constant(-1), i32.add, tee(fours)];
  const loop = repeatWhile([...fourPixels(plan, { areLast: false }), ...next].flat());
  const end = [get(zero), get(sum), v128.store(plan.sums)];
  const body = [...start, get(fours), when(loop), ...fourPixels(plan, { areLast: true }), ...end];
  return moduleOf({ parameters: 6, vectors: vectorCount, body: body.flat(), isMemoryShared: false });
}

/** Addresses in bytes. */
export interface KernelRow {
  readonly pixels: number;
  readonly below: number;
  readonly above: number;
  readonly gradient: number;
  /** How often four pixels come before the last one to four. */
  readonly fours: number;
}

export function openAdamKernel(plan: KernelPlan, memory: WebAssembly.Memory): (row: KernelRow) => void {
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(adamKernel(plan)), { env: { memory } }).exports;
  if (typeof run !== "function") throw new Error("cannot happen: the module exports its function");
  return (row) => void run(row.pixels, row.below, row.above, row.gradient, row.fours, 0);
}

// --- internal ---

/** Parameters; the last is zero, for places that are known. */
const [pixels, below, above, gradient, fours, zero] = [0, 1, 2, 3, 4, 5] as const;
/** Vectors: the constants, then what is worked out. */
const [low, high, pull, gain] = [6, 7, 8, 9] as const;
const [firstDecay, firstShare, secondDecay, secondShare, epsilon] = [10, 11, 12, 13, 14] as const;
const [before, here, toRight, toBelow, slope, moment, spread, sum] = [15, 16, 17, 18, 19, 20, 21, 22] as const;
const vectorCount = 17;

const { addF32x4: add, subtractF32x4: subtract, mulF32x4: multiply, divideF32x4: divide } = v128;

function fourPixels(plan: KernelPlan, { areLast }: { areLast: boolean }): Code[] {
  /** Where the four reach beyond the row, what is there stays as it is. */
  const store = (address: number, offset: number, value: number): Code[] => {
    const old = [get(address), v128.load(offset), get(zero), v128.load(plan.inRow), v128.select];
    return [get(address), get(value), ...(areLast ? old : []), v128.store(offset)];
  };
  return [
    ...differences(plan, { areLast }),
    ...gradientHere(),
    ...[get(above), get(here), v128.store()],
    ...[get(firstDecay), get(pixels), v128.load(plan.toFirstMoment), multiply],
    ...[get(firstShare), get(slope), multiply, add, set(moment)],
    ...[get(secondDecay), get(pixels), v128.load(plan.toSecondMoment), multiply],
    ...[get(secondShare), get(slope), multiply, get(slope), multiply, add, set(spread)],
    ...store(pixels, plan.toFirstMoment, moment),
    ...store(pixels, plan.toSecondMoment, spread),
    ...[get(here), get(gain), get(moment), multiply],
    ...[get(spread), v128.squareRootF32x4, get(epsilon), add, divide, subtract],
    ...[get(low), v128.atLeastF32x4, get(high), v128.atMostF32x4, set(slope)],
    ...store(pixels, 0, slope),
    ...[get(here), set(before)],
  ];
}

/** To the neighbours on the right and below, and their squares. */
function differences(plan: KernelPlan, { areLast }: { areLast: boolean }): Code[] {
  const itself = [get(here), get(zero), v128.load(plan.hasRight), v128.select];
  const onlyInRow = [get(zero), v128.load(plan.inRow), v128.and];
  return [
    ...[get(pixels), v128.load(), set(here)],
    ...[get(here), get(pixels), v128.load(4), ...(areLast ? itself : []), subtract, set(toRight)],
    ...[get(here), get(below), v128.load(), subtract, ...(areLast ? onlyInRow : []), set(toBelow)],
    ...[get(sum), get(toRight), get(toRight), multiply, get(toBelow), get(toBelow), multiply, add, add, set(sum)],
  ];
}

/** What was given, and that of the total variation. */
function gradientHere(): Code[] {
  const toLeft = [get(here), get(before), get(here), v128.shuffle(lastAndFirstThree), subtract];
  const toAbove = [get(here), get(above), v128.load(), subtract];
  return [
    ...[get(gradient), v128.load(), get(pull), get(toRight), get(toBelow), add],
    ...[...toLeft, ...toAbove, add, add, multiply, add, set(slope)],
  ];
}

/** The last number of one vector and the first three of the next. */
const lastAndFirstThree = Array.from({ length: 16 }, (_, byte) => 12 + byte);
