import { solvePositive } from "../experiments/least-squares.ts";

export interface Example {
  readonly features: readonly number[];
  readonly isLive: boolean;
}

/** Weights of the features, the bias last. */
export type Coefficients = readonly number[];

/** Pull of each weight towards zero, so that classes which can be told apart without error give finite weights. */
const ridge = 1;
const maxRounds = 50;

/**
 * Logistic regression with a ridge penalty by iteratively reweighted least squares (Hastie et al. 2009, section 4.4.1). Both
 * classes weigh the same, however many examples each has. Deterministic.
 */
export function fitLogistic(examples: readonly Example[]): Coefficients {
  const n = (examples[0]?.features.length ?? 0) + 1;
  const lives = examples.filter(({ isLive }) => isLive).length;
  const weighted = examples.map((example) => ({
    ...example,
    weight: examples.length / (2 * Math.max(1, example.isLive ? lives : examples.length - lives)),
  }));
  let coefficients = new Float64Array(n);
  for (let round = 0; round < maxRounds; round++) {
    const step = newtonStep(weighted, coefficients);
    coefficients = coefficients.map((value, i) => value + step[i]!);
    if (step.every((value) => Math.abs(value) < 1e-9)) break;
  }
  return [...coefficients];
}

export function probability(coefficients: Coefficients, features: readonly number[]): number {
  const sum = features.reduce((total, value, i) => total + value * coefficients[i]!, coefficients.at(-1) ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

// --- internal ---

function newtonStep(examples: readonly (Example & { weight: number })[], coefficients: Float64Array): Float64Array {
  const n = coefficients.length;
  const matrix = new Float64Array(n * n);
  const gradient = coefficients.map((value, i) => (i < n - 1 ? -ridge * value : 0));
  for (let r = 0; r < n - 1; r++) matrix[r * n + r] = ridge;
  for (const { features, isLive, weight } of examples) {
    const row = [...features, 1];
    const live = probability([...coefficients], features);
    const spread = weight * Math.max(live * (1 - live), 1e-6);
    for (let r = 0; r < n; r++) {
      gradient[r] = gradient[r]! + weight * ((isLive ? 1 : 0) - live) * row[r]!;
      for (let c = 0; c <= r; c++) matrix[r * n + c] = matrix[r * n + c]! + spread * row[r]! * row[c]!;
    }
  }
  return solvePositive(matrix, gradient);
}
