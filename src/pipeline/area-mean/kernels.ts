import { type Code, get, i32, moduleOf, repeatWhile, set, tee, v128 } from "../../core/wasm/assembler.ts";

/** Bytes of the picture that one turn of the blending loop takes. */
export const blendStep = 16;

export interface BlendPlan {
  /** Rows of the picture under a row of the target, at most. */
  readonly rowTaps: number;
  readonly rowBytes: number;
}

/**
 * Rows of the picture into one, weighted: `blend(from, shares, to, turns)`, with `rowTaps` shares of sixteen bits that add up to 256 at
 * most, so that a sum of bytes stays below 65,536. In JavaScript it would be
 *
 *     do {
 *       for (let byte = 0; byte < blendStep; byte++) {
 *         to[byte] = 0;
 *         for (let row = 0; row < rowTaps; row++) to[byte] += from[row * rowBytes + byte] * shares[row];
 *       }
 *       from += blendStep; to += 2 * blendStep; turns -= 1;
 *     } while (turns !== 0);
 */
export function blendKernel({ rowTaps, rowBytes }: BlendPlan): Uint8Array<ArrayBuffer> {
  const [from, shares, to, turns, firstShare] = [0, 1, 2, 3, 4] as const;
  const setUp: Code[] = [];
  for (let row = 0; row < rowTaps; row++) {
    setUp.push(get(shares), v128.loadI16Splat(2 * row), set(firstShare + row));
  }
  const body: Code[] = [];
  for (let byte = 0; byte < blendStep; byte += 8) {
    body.push(get(to));
    for (let row = 0; row < rowTaps; row++) {
      body.push(get(from), v128.loadUnsignedBytesAsI16x8(row * rowBytes + byte), get(firstShare + row), v128.mulI16x8);
      if (row > 0) body.push(v128.addI16x8);
    }
    body.push(v128.store(2 * byte));
  }
  body.push(
    ...[get(from), i32.constant(blendStep), i32.add, set(from)],
    ...[get(to), i32.constant(2 * blendStep), i32.add, set(to)],
    ...[get(turns), i32.constant(-1), i32.add, tee(turns)],
  );
  return moduleOf({ parameters: 4, vectors: rowTaps, body: [...setUp.flat(), ...repeatWhile(body.flat())] });
}

/** Numbers of 32 bits that the table of `gatherKernel` has for a target pixel. */
export const tableEntry = (columnTaps: number): number => 1 + columnTaps;

export interface GatherPlan {
  /** Pixels of the picture beside each other under a pixel of the target, at most. */
  readonly columnTaps: number;
  /** Where the blended row lies. */
  readonly blended: number;
  /** Bytes between neighbouring pixels of the target and between their channels. */
  readonly pixelBytes: number;
  readonly channelBytes: number;
}

/**
 * The blended row into a row of the target: `gather(table, range, out, pixels, 0)`. For each target pixel the table says where in the blended
 * row its part begins, in bytes, and the shares of `columnTaps` pixels; `range` are twice four floats, by which the sums of red, green, blue
 * (and of a fourth number, which is not used) are multiplied and what is added. In JavaScript it would be
 *
 *     do {
 *       for (let channel = 0; channel < 3; channel++) {
 *         let sum = 0;
 *         for (let tap = 0; tap < columnTaps; tap++) sum += blended[table[0] / 2 + 3 * tap + channel] * table[1 + tap];
 *         out[channel * channelBytes] = sum * range[channel] + range[4 + channel];
 *       }
 *       table += tableEntry; out += pixelBytes; pixels -= 1;
 *     } while (pixels !== 0);
 */
export function gatherKernel(plan: GatherPlan): Uint8Array<ArrayBuffer> {
  const [table, range, out, pixels, place, scale, offset, value] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
  const setUp: Code[] = [get(range), v128.load(0), set(scale), get(range), v128.load(16), set(offset)];
  const body: Code[] = [get(table), i32.load(), set(place)];
  for (let tap = 0; tap < plan.columnTaps; tap++) {
    body.push(
      ...[get(place), v128.loadUnsignedI16AsI32x4(plan.blended + 6 * tap)],
      ...[get(table), v128.loadI32Splat(4 + 4 * tap), v128.mulI32x4],
      ...(tap > 0 ? [v128.addI32x4] : []),
    );
  }
  body.push(v128.floatsOfI32x4, get(scale), v128.mulF32x4, get(offset), v128.addF32x4, set(value));
  for (let channel = 0; channel < 3; channel++) {
    body.push(get(out), get(value), v128.storeI32Lane(channel * plan.channelBytes, channel));
  }
  body.push(
    ...[get(table), i32.constant(4 * tableEntry(plan.columnTaps)), i32.add, set(table)],
    ...[get(out), i32.constant(plan.pixelBytes), i32.add, set(out)],
    ...[get(pixels), i32.constant(-1), i32.add, tee(pixels)],
  );
  return moduleOf({ parameters: 5, vectors: 3, body: [...setUp.flat(), ...repeatWhile(body.flat())] });
}
