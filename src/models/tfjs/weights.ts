import { z } from "zod";
import { LintelError } from "../../core/errors.ts";

/** Numbers with a shape, the last index running fastest. An empty shape is a scalar. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

const dimension = z.number().int().nonnegative();

/** One entry of a TensorFlow.js weights manifest. */
export const weightSpecSchema = z.object({
  name: z.string(),
  shape: z.array(dimension),
  dtype: z.enum(["float32", "int32"]),
  quantization: z
    .union([
      z.object({ dtype: z.literal("float16") }),
      z.object({ dtype: z.enum(["uint8", "uint16"]), scale: z.number(), min: z.number() }),
    ])
    .optional(),
});
export type WeightSpec = z.infer<typeof weightSpecSchema>;

export const weightsManifestSchema = z.array(
  z.object({ paths: z.array(z.string()), weights: z.array(weightSpecSchema) }),
);

/**
 * Decodes the weights that lie one after another in `bytes` (little endian, no padding): float32, int32, float16 and
 * linearly quantised uint8 or uint16 (`value * scale + min`).
 * Throws `LINTEL_E_MODEL` when the bytes do not add up.
 */
export function decodeWeights(specs: readonly WeightSpec[], bytes: Uint8Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  let offset = 0;
  for (const spec of specs) {
    const count = spec.shape.reduce((product, size) => product * size, 1);
    const length = count * bytesPerNumber(spec);
    if (offset + length > bytes.byteLength) {
      throw new LintelError("LINTEL_E_MODEL", `weights end before ${spec.name}: ${bytes.byteLength} bytes in all`);
    }
    tensors.set(spec.name, {
      shape: spec.shape,
      data: decode(spec, new Uint8Array(bytes.subarray(offset, offset + length))),
    });
    offset += length;
  }
  if (offset !== bytes.byteLength) {
    throw new LintelError("LINTEL_E_MODEL", `weights have ${bytes.byteLength} bytes, the manifest names ${offset}`);
  }
  return tensors;
}

function bytesPerNumber(spec: WeightSpec): number {
  if (spec.quantization === undefined) return 4;
  return spec.quantization.dtype === "uint8" ? 1 : 2;
}

/** `bytes` fills its buffer, so that wider views are aligned. */
function decode(spec: WeightSpec, bytes: Uint8Array<ArrayBuffer>): Float32Array | Int32Array {
  const { quantization } = spec;
  if (quantization === undefined) {
    return spec.dtype === "int32" ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
  }
  if (quantization.dtype === "float16") return decodeFloat16(new Uint16Array(bytes.buffer));
  const { scale, min } = quantization;
  const steps = quantization.dtype === "uint8" ? bytes : new Uint16Array(bytes.buffer);
  const values = spec.dtype === "int32" ? new Int32Array(steps.length) : new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i++) values[i] = steps[i]! * scale + min;
  return values;
}

/** IEEE 754 binary16 to binary32, exact. */
export function decodeFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      values[i] = (half & 0x8000 ? -1 : 1) * fraction * 2 ** -24;
      continue;
    }
    // Rebias from 15 to 127; all ones stay all ones (infinity and NaN).
    const wideExponent = exponent === 0x1f ? 0xff : exponent + 112;
    bits[i] = (((half & 0x8000) << 16) | (wideExponent << 23) | (fraction << 13)) >>> 0;
  }
  return values;
}
