/** What a network answers to the test picture, in short; by output. */
export type Reference = Readonly<Record<string, OutputReference>>;

export interface OutputReference {
  /** How many numbers the output has. */
  readonly length: number;
  /** The largest number without its sign. */
  readonly range: number;
  /** The mean of all numbers without their signs. */
  readonly mean: number;
  /** Numbers at even distances, the first and the last among them (see `sampleAt`). */
  readonly samples: readonly number[];
}

export type Outputs = Readonly<Record<string, Float32Array>>;

/** Smaller outputs are compared as if they were so large: of a probability near zero only the distance to one matters. */
const minRange = 0.01;

/** A difference up to this part of an output's range is rounding; TF32 and float16 are beyond it. */
export const tolerance = 1e-3;

/**
 * The same for networks in eight bits. Their sums are whole numbers and come out the same everywhere; what may differ is on which side of a
 * step a value falls that lies between two, and what follows from that.
 */
export const eightBitTolerance = 0.02;

const maxSamples = 64;

/** Place of a sample among the numbers of an output. */
export function sampleAt(sample: number, samples: number, length: number): number {
  return samples === 1 ? 0 : Math.floor((sample * (length - 1)) / (samples - 1));
}

export function referenceOf(outputs: Outputs): Reference {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, values]) => {
      const count = Math.min(maxSamples, values.length);
      const samples = Array.from({ length: count }, (_, n) => values[sampleAt(n, count, values.length)] ?? Number.NaN);
      return [name, { length: values.length, ...sizeOf(values), samples }];
    }),
  );
}

/**
 * The largest difference, as a part of the output's range; infinite for what is no number. Throws an `Error` with the reason when the
 * outputs are others.
 */
export function deviation(outputs: Outputs, reference: Reference): number {
  const names = Object.keys(reference);
  if (Object.keys(outputs).sort().join() !== [...names].sort().join()) {
    throw new Error(`it has the outputs ${Object.keys(outputs).join(", ")} instead of ${names.join(", ")}`);
  }
  return Math.max(...names.map((name) => outputDeviation(name, outputs[name]!, reference[name]!)));
}

// --- internal ---

function outputDeviation(name: string, values: Float32Array, wanted: OutputReference): number {
  if (values.length !== wanted.length) {
    throw new Error(`its output ${name} has ${values.length} numbers instead of ${wanted.length}`);
  }
  const { range, mean } = sizeOf(values);
  if (!Number.isFinite(mean)) return Number.POSITIVE_INFINITY;
  const count = wanted.samples.length;
  const gaps = wanted.samples.map((sample, n) => Math.abs(sample - values[sampleAt(n, count, values.length)]!));
  return (
    Math.max(...gaps, Math.abs(range - wanted.range), Math.abs(mean - wanted.mean)) / Math.max(wanted.range, minRange)
  );
}

function sizeOf(values: Float32Array): { range: number; mean: number } {
  let [range, sum] = [0, 0];
  for (const value of values) {
    range = Math.max(range, Math.abs(value));
    sum += Math.abs(value);
  }
  return { range, mean: sum / values.length };
}
