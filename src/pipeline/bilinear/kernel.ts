import { type Code, get, i32, moduleOf, repeatWhile, set, tee, v128 } from "../../core/wasm/assembler.ts";

export interface KernelPlan {
  /** Bytes of a row of the picture. */
  readonly rowBytes: number;
  /** Bytes between neighbouring pixels of the target and between their channels. */
  readonly pixelBytes: number;
  readonly channelBytes: number;
}

/** Constants of the assembler end there: pictures up to 2,730 pixels wide. */
export const maxRowBytes = 8191;

/** Added to a whole number that is not too large, it leaves the number in the low 32 bits of a 64-bit float. */
export const wholeNumberBits = 1.5 * 2 ** 52;

/** Where the state of `interpolationKernel` has what, in vectors of sixteen bytes. */
export const interpolationState = {
  x: 0,
  y: 1,
  stepX: 2,
  stepY: 3,
  bytes: 4,
  scale: 7,
  offset: 8,
  vectors: 9,
} as const;

/**
 * A run of target pixels in a row, all of whose neighbours lie in the picture: `run(state, out, pairs, 0, 0)`, two pixels a turn. `state`
 * holds, as pairs of 64-bit floats, the places of the first two pixels in the picture (x, then y), the step to the next two (the same), and
 * what makes an address of a place: the bytes of a pixel, those of a row, and where the picture lies plus `wholeNumberBits`. Then, four floats each, what
 * the channels are multiplied by and what is added. Places are computed in 64 bits and colours in 32. In JavaScript it would be
 *
 *     do {
 *       for (let n = 0; n < 2; n++) {
 *         const [left, top] = [Math.floor(x[n]), Math.floor(y[n])];
 *         const at = 3 * left + rowBytes * top + picture;
 *         for (let channel = 0; channel < 3; channel++) {
 *           const above = lerp(byte[at + channel], byte[at + channel + 3], x[n] - left);
 *           const below = lerp(byte[at + channel + rowBytes], byte[at + channel + rowBytes + 3], x[n] - left);
 *           out[n * pixelBytes + channel * channelBytes] = lerp(above, below, y[n] - top) * scale[channel] + offset[channel];
 *         }
 *         x[n] += stepX[n]; y[n] += stepY[n];
 *       }
 *       out += 2 * pixelBytes; pairs -= 1;
 *     } while (pairs !== 0);
 */
export function interpolationKernel({ rowBytes, pixelBytes, channelBytes }: KernelPlan): Uint8Array<ArrayBuffer> {
  const [state, out, pairs, first, second] = [0, 1, 2, 3, 4] as const;
  const [x, y, left, top, across, down, share, near, above, below] = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14] as const;
  const { stepX, stepY, bytes, scale, offset } = interpolationState;
  const held = (n: number): Code => [...get(state), ...v128.load(16 * n)];
  const part = (place: number, whole: number, into: number): Code[] => [
    ...[get(place), v128.floorOfF64x2, set(whole)],
    ...[get(place), get(whole), v128.subtractF64x2, v128.floatsOfF64x2, set(into)],
  ];
  const advance = (place: number, step: number): Code[] => [get(place), held(step), v128.addF64x2, set(place)];
  /** Red, green and blue of the pixel at an address, and how much further the next one is, as floats: mixed by `share`. */
  const mixed = (at: number, from: number, into: number): Code[] => [
    ...[get(at), v128.loadUnsignedBytesAsI16x8(from), set(near)],
    ...[get(near), v128.lowI16AsI32x4, v128.floatsOfI32x4],
    ...[get(near), get(near), v128.shuffle(nextPixel), get(near), v128.subtractI16x8],
    ...[v128.lowSignedI16AsI32x4, v128.floatsOfI32x4, get(share), v128.mulF32x4, v128.addF32x4, set(into)],
  ];
  const pixel = (at: number, n: 0 | 1): Code[] => [
    ...[get(across), get(across), v128.shuffle(everyLane(n)), set(share)],
    ...[...mixed(at, 0, above), ...mixed(at, rowBytes, below)],
    ...[get(below), get(above), v128.subtractF32x4, get(down), get(down), v128.shuffle(everyLane(n))],
    ...[v128.mulF32x4, get(above), v128.addF32x4],
    ...[held(scale), v128.mulF32x4, held(offset), v128.addF32x4, set(above)],
    ...storePixel({ out, value: above, from: n * pixelBytes, channelBytes }),
  ];
  const body: Code[] = [
    ...[...part(x, left, across), ...part(y, top, down)],
    ...[...addresses({ left, top, held, bytes }), set(left)],
    ...[get(left), v128.laneOfI32x4(0), set(first), get(left), v128.laneOfI32x4(2), set(second)],
    ...[...pixel(first, 0), ...pixel(second, 1), ...advance(x, stepX), ...advance(y, stepY)],
    ...[get(out), i32.constant(2 * pixelBytes), i32.add, set(out)],
    ...[get(pairs), i32.constant(-1), i32.add, tee(pairs)],
  ];
  const setUp = [held(interpolationState.x), set(x), held(interpolationState.y), set(y)];
  return moduleOf({ parameters: 5, vectors: 10, body: [...setUp.flat(), ...repeatWhile(body.flat())] });
}

/** Where the state of `averagingKernel` has what, in vectors of sixteen bytes. */
export const averagingState = {
  ...{ column: 0, stepX: 1, stepY: 2, rowsX: 3, rowsY: 5, shiftX: 7, shiftY: 8, half: 9, halfStepX: 10, halfStepY: 11 },
  ...{ one: 12, bytes: 13, scale: 16, offset: 17, vectors: 18 },
} as const;

/**
 * The same run of pixels where each is the mean of 2 x 2 nearest samples: `run(state, out, pixels, 0, 0)`. `state` holds, as pairs of 64-bit
 * floats for the left and the right sample, the number of the first pixel less a quarter, the step to the next one (x, then y), what each of the two rows of samples
 * adds (two of x, two of y), what every place adds (x, y), a half, the half step to the right sample (zero for the left one; x, y), and one; then as
 * `interpolationKernel`, of which the first floats take a quarter. Places are computed in the order of `averageRow`, so that every sample is
 * the same pixel.
 */
export function averagingKernel({ pixelBytes, channelBytes }: KernelPlan): Uint8Array<ArrayBuffer> {
  const [state, out, pixels, first, second] = [0, 1, 2, 3, 4] as const;
  const [column, left, top, sum] = [5, 6, 7, 8] as const;
  const { stepX, stepY, rowsX, rowsY, shiftX, shiftY, half, halfStepX, halfStepY, bytes } = averagingState;
  const { one, scale, offset } = averagingState;
  const held = (n: number): Code => [...get(state), ...v128.load(16 * n)];
  const place = (parts: { step: number; row: number; shift: number; halfStep: number }): Code[] => [
    ...[held(parts.step), get(column), v128.mulF64x2, held(parts.row), v128.addF64x2],
    ...[parts.shift, half, parts.halfStep].flatMap((n) => [held(n), v128.addF64x2]),
    v128.floorOfF64x2,
  ];
  const colour = (at: number): Code[] => [get(at), v128.loadI32Zero(0), v128.lowBytesAsI16x8];
  const twoSamples = (row: number): Code[] => [
    ...[...place({ step: stepX, row: rowsX + row, shift: shiftX, halfStep: halfStepX }), set(left)],
    ...[...place({ step: stepY, row: rowsY + row, shift: shiftY, halfStep: halfStepY }), set(top)],
    ...[...addresses({ left, top, held, bytes }), set(left)],
    ...[get(left), v128.laneOfI32x4(0), set(first), get(left), v128.laneOfI32x4(2), set(second)],
    ...[...colour(first), ...colour(second), v128.addI16x8],
  ];
  const body: Code[] = [
    ...[...twoSamples(0), set(sum), ...twoSamples(1), get(sum), v128.addI16x8],
    ...[v128.lowI16AsI32x4, v128.floatsOfI32x4, held(scale), v128.mulF32x4, held(offset), v128.addF32x4, set(sum)],
    ...storePixel({ out, value: sum, from: 0, channelBytes }),
    ...[get(column), held(one), v128.addF64x2, set(column)],
    ...[get(out), i32.constant(pixelBytes), i32.add, set(out)],
    ...[get(pixels), i32.constant(-1), i32.add, tee(pixels)],
  ];
  const setUp = [held(averagingState.column), set(column)];
  return moduleOf({ parameters: 5, vectors: 4, body: [...setUp.flat(), ...repeatWhile(body.flat())] });
}

// --- internal ---

/** The addresses of two places in whole pixels, in the first and the third number of 32 bits. */
function addresses(parts: { left: number; top: number; held: (n: number) => Code; bytes: number }): Code[] {
  const { left, top, held, bytes } = parts;
  return [
    ...[get(left), held(bytes), v128.mulF64x2, get(top), held(bytes + 1), v128.mulF64x2],
    ...[v128.addF64x2, held(bytes + 2), v128.addF64x2],
  ];
}

function storePixel(parts: { out: number; value: number; from: number; channelBytes: number }): Code[] {
  const { out, value, from, channelBytes } = parts;
  return [0, 1, 2].flatMap((channel) => [
    get(out),
    get(value),
    v128.storeI32Lane(from + channel * channelBytes, channel),
  ]);
}

/** One number of four in every place. */
function everyLane(lane: number): readonly number[] {
  return Array.from({ length: 16 }, (_, byte) => 4 * lane + (byte % 4));
}

/** Numbers of sixteen bits moved down by a pixel's three. */
const nextPixel = Array.from({ length: 16 }, (_, byte) => byte + 6);
