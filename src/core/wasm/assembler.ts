/**
 * Just enough of WebAssembly's binary form to write one small function by hand (https://www.w3.org/TR/wasm-core-2/, section 5): a code is a
 * list of bytes, and instructions are put after one another in the order in which the stack machine runs them.
 */
export type Code = readonly number[];

/** An unsigned number in as many groups of seven bits as it needs, lowest first. */
export function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 128 : low);
  } while (rest > 0);
  return bytes;
}

const vector = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
/** Alignment is a hint and left at one byte; the offset is added to the address on the stack. */
const place = (offset: number): Code => [0, ...unsigned(offset)];

export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
/** Stores what lies on top of the stack and leaves it there. */
export const tee = (local: number): Code => [0x22, local];

export const i32 = {
  /** From -64 to 8191. */
  constant: (value: number): Code => [0x41, ...(value < 0 ? [value & 0x7f] : [(value & 0x7f) | 0x80, value >> 7])],
  add: [0x6a],
  multiply: [0x6c],
  load: (offset = 0): Code => [0x28, ...place(offset)],
  store: (offset = 0): Code => [0x36, ...place(offset)],
} as const;

/** A vector is sixteen bytes: sixteen, eight or four numbers side by side. */
export const v128 = {
  load: (offset = 0): Code => [...vector(0x00), ...place(offset)],
  /** Eight signed bytes as eight numbers of sixteen bits. */
  loadBytesAsI16x8: (offset: number): Code => [...vector(0x01), ...place(offset)],
  /** Eight bytes without a sign as eight numbers of sixteen bits. */
  loadUnsignedBytesAsI16x8: (offset: number): Code => [...vector(0x02), ...place(offset)],
  /** Four numbers of sixteen bits without a sign as four of thirty-two. */
  loadUnsignedI16AsI32x4: (offset: number): Code => [...vector(0x04), ...place(offset)],
  /** One number, eight or four times. */
  loadI16Splat: (offset: number): Code => [...vector(0x08), ...place(offset)],
  loadI32Splat: (offset: number): Code => [...vector(0x09), ...place(offset)],
  store: (offset = 0): Code => [...vector(0x0b), ...place(offset)],
  /** Four bytes and twelve of zero. */
  loadI32Zero: (offset: number): Code => [...vector(0x5c), ...place(offset)],
  /** One of four numbers. */
  storeI32Lane: (offset: number, lane: number): Code => [...vector(0x5a), ...place(offset), lane],
  /** Sixteen bytes picked out of the two vectors on the stack: 0 to 15 are of the lower one. */
  shuffle: (lanes: readonly number[]): Code => [...vector(0x0d), ...lanes],
  and: vector(0x4e),
  /** Of the vectors a, b and mask on the stack: bits of a where the mask has ones, of b elsewhere. */
  select: vector(0x52),
  subtractI16x8: vector(0x91),
  addI16x8: vector(0x8e),
  mulI16x8: vector(0x95),
  addI32x4: vector(0xae),
  mulI32x4: vector(0xb5),
  squareRootF32x4: vector(0xe3),
  addF32x4: vector(0xe4),
  subtractF32x4: vector(0xe5),
  mulF32x4: vector(0xe6),
  divideF32x4: vector(0xe7),
  /** Of a and b on the stack b where it is smaller, else a: what is no number in a stays. */
  atMostF32x4: vector(0xea),
  /** Of a and b on the stack b where it is larger, else a. */
  atLeastF32x4: vector(0xeb),
  /** Whole numbers with a sign as floats: one instruction on x64, where numbers without one take eight. */
  floatsOfI32x4: vector(0xfa),
  /** Eight products of sixteen-bit numbers, neighbours added: four sums. */
  dotI16x8: vector(0xba),
  firstOfI32x4: [...vector(0x1b), 0],
  laneOfI32x4: (lane: number): Code => [...vector(0x1b), lane],
  /** The lower half in numbers of twice the size, without a sign. */
  lowBytesAsI16x8: vector(0x89),
  lowI16AsI32x4: vector(0xa9),
  /** The same with a sign. */
  lowSignedI16AsI32x4: vector(0xa7),
  addF64x2: vector(0xf0),
  subtractF64x2: vector(0xf1),
  mulF64x2: vector(0xf2),
  /** The whole number below. */
  floorOfF64x2: vector(0x75),
  /** Two numbers as floats; the other two are zero. */
  floatsOfF64x2: vector(0x5e),
} as const;

/** Runs the body if what lies on the stack is not zero. */
export const when = (body: Code): Code => [0x04, 0x40, ...body, 0x0b];

/** Runs the body again as long as it leaves something other than zero on the stack. */
export const repeatWhile = (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0, 0x0b];

const typeOf = { i32: 0x7f, v128: 0x7b } as const;

export interface FunctionText {
  /** All of them whole numbers of 32 bits. */
  readonly parameters: number;
  /** Vectors; they are numbered after the parameters. */
  readonly vectors: number;
  readonly body: Code;
  /** Whether the memory is one that other threads see; it is unless said. */
  readonly isMemoryShared?: boolean;
}

/** A module with one function, exported as `run`, on a memory that is imported as `env.memory`. It gives nothing back. */
export function moduleOf({ parameters, vectors, body, isMemoryShared = true }: FunctionText): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const text = (value: string): Code => [value.length, ...Buffer.from(value, "latin1")];
  const code = [1, ...unsigned(vectors), typeOf.v128, ...body, 0x0b];
  const limits = isMemoryShared ? [0x03, 0, ...unsigned(maxPages)] : [0x00, 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, parameters, ...Array<number>(parameters).fill(typeOf.i32), 0]),
    ...section(2, [1, ...text("env"), ...text("memory"), 0x02, ...limits]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("run"), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

export const pageBytes = 65_536;
/** Pages in the largest memory there is: 4 GiB. */
export const maxPages = 65_536;
