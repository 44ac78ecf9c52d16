import { type Code, get, i32, moduleOf, repeatWhile, set, tee, v128 } from "../../core/wasm/assembler.ts";

export interface InterpolationPlan {
  /** Bytes of a row of the picture. */
  readonly rowBytes: number;
  /** Bytes between neighbouring pixels of the target and between their channels. */
  readonly pixelBytes: number;
  readonly channelBytes: number;
}

/** Constants of the assembler end there: pictures up to 2,730 pixels wide. */
export const maxRowBytes = 8191;

/**
 * A run of target pixels in a row, all of whose neighbours lie in the picture: `run(state, out, pixels, picture, 0)`. `state` holds, sixteen
 * bytes each, the place of the first pixel in the picture (x and y, 64-bit floats), the step to the next one (the same), and four floats
 * each by which the channels are multiplied and what is added. Places are computed in 64 bits and colours in 32. In JavaScript it would be
 *
 *     do {
 *       const [left, top] = [Math.trunc(x), Math.trunc(y)];
 *       const at = picture + top * rowBytes + 3 * left;
 *       for (let channel = 0; channel < 3; channel++) {
 *         const above = lerp(byte[at + channel], byte[at + channel + 3], x - left);
 *         const below = lerp(byte[at + channel + rowBytes], byte[at + channel + rowBytes + 3], x - left);
 *         out[channel * channelBytes] = lerp(above, below, y - top) * scale[channel] + offset[channel];
 *       }
 *       x += stepX; y += stepY; out += pixelBytes; pixels -= 1;
 *     } while (pixels !== 0);
 */
export function interpolationKernel(plan: InterpolationPlan): Uint8Array<ArrayBuffer> {
  const { rowBytes, pixelBytes, channelBytes } = plan;
  const [state, out, pixels, picture, at] = [0, 1, 2, 3, 4] as const;
  const [place, step, scale, offset, whole, part, across, down, above, below, value] = [
    5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  ] as const;
  const setUp = [place, step, scale, offset].map((local, n) => [get(state), v128.load(16 * n), set(local)]);
  /** Red, green, blue and a byte that is not used, as floats. */
  const colour = (bytes: number): Code[] => [
    ...[get(at), v128.loadI32Zero(bytes), v128.lowBytesAsI16x8, v128.lowI16AsI32x4, v128.floatsOfI32x4],
  ];
  /** From the first towards the second by `share`. */
  const between = (first: number, second: number, share: number): Code[] => [
    ...[get(first), get(second), get(first), v128.subtractF32x4, get(share), v128.mulF32x4, v128.addF32x4],
  ];
  /** Two neighbours at a place, mixed. */
  const mixed = (bytes: number, into: number): Code[] => [
    ...[...colour(bytes), set(into), ...colour(bytes + 3), set(value)],
    ...[...between(into, value, across), set(into)],
  ];
  const body: Code[] = [
    ...[get(place), v128.wholeOfF64x2, set(whole)],
    ...[get(place), get(whole), v128.numbersOfI32x2, v128.subtractF64x2, v128.floatsOfF64x2, set(part)],
    ...[get(part), get(part), v128.shuffle(everyLane(0)), set(across)],
    ...[get(part), get(part), v128.shuffle(everyLane(1)), set(down)],
    ...[get(picture), get(whole), v128.laneOfI32x4(0), i32.constant(3), i32.multiply, i32.add],
    ...[get(whole), v128.laneOfI32x4(1), i32.constant(rowBytes), i32.multiply, i32.add, set(at)],
    ...[...mixed(0, above), ...mixed(rowBytes, below)],
    ...[...between(above, below, down), get(scale), v128.mulF32x4, get(offset), v128.addF32x4, set(value)],
    ...[0, 1, 2].flatMap((channel) => [get(out), get(value), v128.storeI32Lane(channel * channelBytes, channel)]),
    ...[get(place), get(step), v128.addF64x2, set(place)],
    ...[get(out), i32.constant(pixelBytes), i32.add, set(out)],
    ...[get(pixels), i32.constant(-1), i32.add, tee(pixels)],
  ];
  return moduleOf({ parameters: 5, vectors: 11, body: [...setUp.flat(2), ...repeatWhile(body.flat())] });
}

/**
 * The same run of pixels where each is the mean of 2 x 2 nearest samples: `run(state, out, pixels, picture, 0)`. `state` holds, as 64-bit
 * floats for x and y each, the number of the first pixel less a quarter (twice), the step to the next one, what the two rows of samples add,
 * what every place adds, a half (twice), half a step, and one (twice); then the floats, of which the first take a quarter. Places are
 * computed in the order of `averageRow`, so that every sample is the same pixel.
 */
export function averagingKernel({ rowBytes, pixelBytes, channelBytes }: InterpolationPlan): Uint8Array<ArrayBuffer> {
  const [state, out, pixels, picture, at] = [0, 1, 2, 3, 4] as const;
  const [column, place, whole, sum] = [5, 6, 7, 8] as const;
  const [step, rows, shift, half, halfStep, one, scale, offset] = [1, [2, 3], 4, 5, 6, 7, 8, 9] as const;
  const held = (n: number): Code[] => [get(state), v128.load(16 * n)];
  const sample: Code[] = [
    ...[get(place), v128.wholeOfF64x2, set(whole)],
    ...[get(picture), get(whole), v128.laneOfI32x4(0), i32.constant(3), i32.multiply, i32.add],
    ...[get(whole), v128.laneOfI32x4(1), i32.constant(rowBytes), i32.multiply, i32.add, set(at)],
    ...[get(at), v128.loadI32Zero(0), v128.lowBytesAsI16x8, v128.lowI16AsI32x4],
  ];
  const firstOfRow = (row: number): Code[] => [
    ...[...held(step), get(column), v128.mulF64x2, ...held(row), v128.addF64x2],
    ...[...held(shift), v128.addF64x2, ...held(half), v128.addF64x2, set(place)],
  ];
  const nextOfRow: Code[] = [get(place), ...held(halfStep), v128.addF64x2, set(place)];
  const body: Code[] = [
    ...[...firstOfRow(rows[0]), ...sample, set(sum)],
    ...[...nextOfRow, ...sample, get(sum), v128.addI32x4, set(sum)],
    ...[...firstOfRow(rows[1]), ...sample, get(sum), v128.addI32x4, set(sum)],
    ...[...nextOfRow, ...sample, get(sum), v128.addI32x4, v128.floatsOfI32x4],
    ...[...held(scale), v128.mulF32x4, ...held(offset), v128.addF32x4, set(sum)],
    ...[0, 1, 2].flatMap((channel) => [get(out), get(sum), v128.storeI32Lane(channel * channelBytes, channel)]),
    ...[get(column), ...held(one), v128.addF64x2, set(column)],
    ...[get(out), i32.constant(pixelBytes), i32.add, set(out)],
    ...[get(pixels), i32.constant(-1), i32.add, tee(pixels)],
  ];
  return moduleOf({
    ...{ parameters: 5, vectors: 4 },
    body: [...get(state), ...v128.load(0), ...set(column), ...repeatWhile(body.flat())],
  });
}

// --- internal ---

/** One number of four in every place. */
function everyLane(lane: number): readonly number[] {
  return Array.from({ length: 16 }, (_, byte) => 4 * lane + (byte % 4));
}
