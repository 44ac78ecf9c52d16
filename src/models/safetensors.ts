import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { errorText, LintelError } from "../core/errors.ts";
import { decodeFloat16, type Tensor } from "./tfjs/weights.ts";

/**
 * Weights in Hugging Face's safetensors format: 8 bytes with the length of a JSON header (little endian), the header, then the numbers. The
 * header names each tensor's type, shape and bytes. Only the header and the tensors that are asked for are read. The format
 * is too small to be worth a dependency; the checks are those of its reference implementation.
 */
export class Safetensors {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** Where the numbers begin. */
  readonly #start: number;

  /** Reads and checks the header. Throws `LINTEL_E_UNREADABLE`. The caller closes. */
  static async open(file: string): Promise<Safetensors> {
    let handle: FileHandle;
    try {
      handle = await open(file, "r");
    } catch (cause) {
      throw new LintelError("LINTEL_E_UNREADABLE", `${file} cannot be read: ${errorText(cause)}`, { cause });
    }
    try {
      const { size } = await handle.stat();
      const length = await headerLength(handle, { file, size });
      const header = await bytesAt(handle, { file, from: lengthBytes, count: length });
      const start = lengthBytes + length;
      return new Safetensors(file, handle, { start, entries: entriesOf(header, { file, dataBytes: size - start }) });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(file: string, handle: FileHandle, parts: { start: number; entries: ReadonlyMap<string, Entry> }) {
    this.#file = file;
    this.#handle = handle;
    this.#start = parts.start;
    this.#entries = parts.entries;
  }

  /** A tensor of floats; undefined when there is none of that name. Throws `LINTEL_E_UNREADABLE` for other numbers. */
  async read(name: string): Promise<(Tensor & { readonly data: Float32Array }) | undefined> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    const { dtype, shape } = entry;
    if (dtype !== "F32" && dtype !== "F16" && dtype !== "BF16") {
      throw refused(this.#file, `${name} is of the type ${dtype}; read are F32, F16 and BF16`);
    }
    const [from, until] = entry.data_offsets;
    const bytes = await bytesAt(this.#handle, { file: this.#file, from: this.#start + from, count: until - from });
    return { shape, data: floatsOf(dtype, bytes) };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

// --- internal ---

const lengthBytes = 8;
/** A header of VGG-19 has 4 kB. */
const maxHeaderBytes = 4 * 1024 * 1024;

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.object({
  dtype: z.string().max(20),
  shape: z.array(count).max(8),
  data_offsets: z.tuple([count, count]),
});
type Entry = z.infer<typeof entrySchema>;
const headerSchema = z.record(z.string(), z.unknown());

/** Bytes of one number, for the types whose numbers fill bytes. */
const bytesOf: Readonly<Record<string, number>> = {
  ...{ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2 },
  ...{ I8: 1, U8: 1, BOOL: 1, F8_E5M2: 1, F8_E4M3: 1 },
};

async function headerLength(handle: FileHandle, { file, size }: { file: string; size: number }): Promise<number> {
  if (size < lengthBytes + 2) throw refused(file, "it is too short");
  const length = (await bytesAt(handle, { file, from: 0, count: lengthBytes })).readBigUInt64LE();
  if (length > maxHeaderBytes) throw refused(file, `its header would have ${length} bytes`);
  if (length > size - lengthBytes) throw refused(file, "it ends within its header");
  return Number(length);
}

async function bytesAt(handle: FileHandle, { file, from, count }: { file: string; from: number; count: number }) {
  // Of its own memory, so that floats are aligned.
  const bytes = Buffer.from(new ArrayBuffer(count));
  const { bytesRead } = await handle.read(bytes, 0, count, from);
  if (bytesRead !== count) throw refused(file, "it is cut short");
  return bytes;
}

/** The tensors, whose bytes must lie one behind the other without gaps, as they do in a sound file. */
function entriesOf(header: Buffer, { file, dataBytes }: { file: string; dataBytes: number }): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [name, raw] of Object.entries(parsed(header, file))) {
    if (name === "__metadata__") continue;
    const entry = entrySchema.safeParse(raw);
    if (!entry.success) throw refused(file, `${name} is described wrongly`);
    const { dtype, shape, data_offsets } = entry.data;
    const each = bytesOf[dtype];
    const length = each === undefined ? undefined : shape.reduce((product, side) => product * side, each);
    if (length !== undefined && length !== data_offsets[1] - data_offsets[0]) {
      throw refused(file, `${name} has another size than its shape says`);
    }
    entries.set(name, entry.data);
  }
  let end = 0;
  for (const [name, { data_offsets }] of [...entries].sort(([, a], [, b]) => order(a, b))) {
    if (data_offsets[0] !== end || data_offsets[1] < end) throw refused(file, `${name} overlaps or leaves a gap`);
    end = data_offsets[1];
  }
  if (end !== dataBytes) throw refused(file, `it holds ${dataBytes} bytes of numbers, its header names ${end}`);
  return entries;
}

function order(a: Entry, b: Entry): number {
  return a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1];
}

function parsed(header: Buffer, file: string): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(header.toString("utf8")));
  } catch (cause) {
    throw refused(file, "its header is no JSON of tensors", cause);
  }
}

function floatsOf(dtype: "F32" | "F16" | "BF16", { buffer, byteLength }: Buffer<ArrayBuffer>): Float32Array {
  if (dtype === "F32") return new Float32Array(buffer, 0, byteLength / 4);
  const halves = new Uint16Array(buffer, 0, byteLength / 2);
  if (dtype === "F16") return decodeFloat16(halves);
  // The upper half of a float.
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

function refused(file: string, why: string, cause?: unknown): LintelError {
  return new LintelError("LINTEL_E_UNREADABLE", `${file} is no sound safetensors file: ${why}`, {
    hint: "Fetch it again.",
    ...(cause === undefined ? {} : { cause }),
  });
}
