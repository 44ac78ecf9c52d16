/** What a test writes as one tensor; `bytes` where its numbers shall be other than floats. */
export interface WrittenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly dtype?: "F32" | "F16" | "BF16";
}

/** A sound safetensors file. */
export function safetensorsFile(tensors: Readonly<Record<string, WrittenTensor>>): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const parts: Buffer[] = [];
  let end = 0;
  for (const [name, { shape, data, dtype = "F32" }] of Object.entries(tensors)) {
    const bytes = bytesOf(data, dtype);
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    parts.push(bytes);
    end += bytes.length;
  }
  return withHeader(JSON.stringify(header), Buffer.concat(parts));
}

/** Any header before any bytes; `length` where it shall lie about itself. */
export function withHeader(header: string, data: Uint8Array, length = BigInt(Buffer.byteLength(header))): Buffer {
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(length);
  return Buffer.concat([first, Buffer.from(header), data]);
}

function bytesOf(data: Float32Array, dtype: NonNullable<WrittenTensor["dtype"]>): Buffer {
  const whole = Buffer.from(Float32Array.from(data).buffer);
  if (dtype === "F32") return whole;
  const halves = Buffer.alloc(2 * data.length);
  for (const [i, value] of data.entries()) {
    halves.writeUInt16LE(dtype === "BF16" ? whole.readUInt16LE(4 * i + 2) : half(value), 2 * i);
  }
  return halves;
}

/** To IEEE 754 binary16 by cutting off; for numbers of common size. */
function half(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent <= 0) return (bits >>> 16) & 0x8000;
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}
