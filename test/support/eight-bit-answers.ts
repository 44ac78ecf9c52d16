import { type OutputReference, sampleAt } from "../../src/hal/compute/self-test/compare.ts";

/** Numbers of which the self-test knows no more than of those that the reference was made of. */
export function answerAs({ length, range, mean, samples }: OutputReference): Float32Array {
  const values = new Float32Array(length).fill(Number.NaN);
  samples.forEach((sample, n) => {
    values[sampleAt(n, samples.length, length)] = sample;
  });
  const gaps = values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
  const isRangeMissing = !samples.some((sample) => Math.abs(sample) === range);
  const sum = samples.reduce((total, sample) => total + Math.abs(sample), isRangeMissing ? range : 0);
  const rest = (mean * length - sum) / (gaps - (isRangeMissing ? 1 : 0));
  let isRangePut = !isRangeMissing;
  return values.map((value) => {
    if (!Number.isNaN(value)) return value;
    if (isRangePut) return rest;
    isRangePut = true;
    return range;
  });
}

/**
 * What a processor without VNNI makes of dlib's network in eight bits and the test picture: ONNX Runtime on QEMU's Haswell, whose instruction
 * adds pairs of products in sixteen bits and cuts off what is above. To take it again: `createOnnxEngine({ isEightBit: true, ... })` in a
 * Node that runs under `qemu-x86_64 -cpu Haswell`.
 */
export const saturatingDlib: OutputReference = {
  length: 128,
  range: 0.3852913,
  mean: 0.09157107,
  samples: [
    -0.05731697, 0.0834858, -0.1092723, -0.1004455, 0.114412, 0.2599232, -0.2671181, -0.0171973, -0.1323772, -0.1437283,
    0.02519641, -0.02427417, -0.116036, -0.0739949, 0.07977035, -0.002034825, -0.1347961, -0.01246837, -0.01217722,
    0.1238353, -0.1368403, -0.02899053, 0.1620571, 0.0832954, 0.0632214, 0.03469354, 0.03868918, 0.07321602, 0.03019283,
    -0.125527, 0.02068297, -0.06691799, 0.2262794, -0.1194022, 0.1568734, -0.01798727, -0.1162437, -0.2777091,
    0.3852913, -0.1868537, -0.1209712, 0.03024944, -0.06253843, -0.05016296, 0.2010436, 0.06090653, 0.008845705,
    -0.02864905, -0.07600763, -0.05536706, 0.1124669, 0.0287104, -0.1756364, 0.008263441, 0.02135337, -0.08393428,
    0.2574997, 0.2444838, 0.08242831, 0.07351334, -0.01141869, -0.1210152, 0.01758449, 0.009533371,
  ],
};
